import { type Delta, type LiveReply, limits } from '@parley/protocol'
import type { LiveText } from './state.ts'

/** Epoch of a reply of which nothing could be applied yet. */
const NO_EPOCH = -1

/** A reply of which nothing is known. */
export function emptyText(replyId: string): LiveText {
  return { replyId, epoch: NO_EPOCH, text: '', held: [] }
}

/** Takes in one piece [R2]: applied, ignored because it is known, or held behind a gap. */
export function applyDelta(live: LiveText, delta: Delta): LiveText {
  const fit = fitOf(live, delta)
  if (fit === 'known') return live
  if (fit === 'gap') return hold(live, delta)
  return applyHeld(extend(live, delta))
}

/** Takes in the text that the server has saved: a higher epoch, or more of the same. */
export function applySaved(live: LiveText, saved: LiveReply): LiveText {
  const newer = saved.epoch > live.epoch
  const longer = saved.epoch === live.epoch && saved.text.length > live.text.length
  if (!newer && !longer) return live
  return applyHeld({ ...live, epoch: saved.epoch, text: saved.text })
}

function fitOf(live: LiveText, delta: Delta): 'next' | 'known' | 'gap' {
  const length = live.text.length
  if (delta.epoch < live.epoch) return 'known'
  if (delta.epoch === live.epoch) {
    if (delta.offset > length) return 'gap'
    return delta.offset + delta.text.length <= length ? 'known' : 'next'
  }
  if (!delta.start) return 'gap'
  if (delta.offset === 0) return 'next'
  return delta.epoch === live.epoch + 1 && delta.offset <= length ? 'next' : 'gap'
}

function extend(live: LiveText, delta: Delta): LiveText {
  // A new epoch replaces what the earlier one wrote behind its start; the same one adds its tail.
  const text =
    delta.epoch > live.epoch
      ? live.text.slice(0, delta.offset) + delta.text
      : live.text + delta.text.slice(live.text.length - delta.offset)
  return { ...live, epoch: delta.epoch, text }
}

function hold(live: LiveText, delta: Delta): LiveText {
  const known = live.held.some(
    (other) =>
      other.epoch === delta.epoch &&
      other.offset === delta.offset &&
      other.text.length >= delta.text.length &&
      Boolean(other.start) === Boolean(delta.start),
  )
  // One that does not fit in is as good as lost: a sync brings its text.
  if (known || live.held.length >= limits.bufferedEvents) return live
  const after = live.held.findIndex((other) => isBefore(delta, other))
  const held = after < 0 ? [...live.held, delta] : live.held.toSpliced(after, 0, delta)
  return { ...live, held }
}

function isBefore(a: Delta, b: Delta): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.offset < b.offset)
}

/** Applies what has become applicable, until nothing more has, and drops what is known by now. */
function applyHeld(live: LiveText): LiveText {
  let current = live
  for (;;) {
    const before = current
    const left: Delta[] = []
    for (const delta of before.held) {
      const fit = fitOf(current, delta)
      if (fit === 'next') current = extend(current, delta)
      else if (fit === 'gap') left.push(delta)
    }
    if (left.length === before.held.length) return current
    current = { ...current, held: left }
  }
}
