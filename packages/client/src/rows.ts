import type { Message } from '@parley/protocol'

/**
 * `rows` with `incoming` in it. A row is replaced by one of the same or a later revision; one that is
 * equal keeps its identity, and so does the map if nothing changed.
 */
export function mergeRows(
  rows: ReadonlyMap<string, Message>,
  incoming: readonly Message[],
): ReadonlyMap<string, Message> {
  let merged: Map<string, Message> | undefined
  for (const row of incoming) {
    const held = (merged ?? rows).get(row.id)
    if (held && (held.revision > row.revision || isSameMessage(held, row))) continue
    merged ??= new Map(rows)
    merged.set(row.id, row)
  }
  return merged ?? rows
}

/** Exactly `incoming`, where equal messages keep the identity that they have in `rows`. */
export function replaceRows(
  rows: ReadonlyMap<string, Message>,
  incoming: readonly Message[],
): ReadonlyMap<string, Message> {
  return new Map(
    incoming.map((row) => {
      const held = rows.get(row.id)
      return [row.id, held && isSameMessage(held, row) ? held : row]
    }),
  )
}

/** The branch that ends in `leafId`, oldest first, as far as it is held; null if its leaf is not. */
export function branchOf(
  rows: ReadonlyMap<string, Message>,
  leafId: string | null,
): readonly Message[] | null {
  if (leafId === null) return []
  let row = rows.get(leafId)
  if (!row) return null
  const branch = [row]
  while (row.parentId !== null) {
    const parent = rows.get(row.parentId)
    if (!parent || parent.seq >= row.seq) break
    branch.push(parent)
    row = parent
  }
  return branch.reverse()
}

/** `next`, or `held` itself if both hold the same messages. */
export function keepList(held: readonly Message[], next: readonly Message[]): readonly Message[] {
  return held.length === next.length && next.every((row, at) => row === held[at]) ? held : next
}

/** `next`, or `held` itself if every field of it is the same. */
export function keepSame<T extends object>(held: T, next: T): T {
  return isSame(held, next) ? held : next
}

function isSameMessage(a: Message, b: Message): boolean {
  return isSame({ ...a, siblingIds: null }, { ...b, siblingIds: null }) && isSame(a.siblingIds, b.siblingIds)
}

/** Equal, field by field; fields are compared by identity. */
function isSame(a: object, b: object): boolean {
  const fields = new Map<string, unknown>(Object.entries(a))
  const others = Object.entries(b)
  return fields.size === others.length && others.every(([key, value]) => fields.get(key) === value)
}
