/** An element of an SVG text, with its attributes by name. */
export interface SvgElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

const markup =
  /\s*<(?:\/(?<closed>\w+)|(?<opened>\w+)(?<attributes>(?:\s+[\w-]+="[^"<&]*")*)\s*(?<empty>\/?))>\s*/y

function attributesOf(tag: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name = '', value = ''] of tag.matchAll(/([\w-]+)="([^"]*)"/g)) {
    if (attributes.has(name)) throw new Error(`${name} stands twice in ${tag}`)
    attributes.set(name, value)
  }
  return attributes
}

function tagsOf(svg: string): Record<string, string | undefined>[] {
  const tags: Record<string, string | undefined>[] = []
  markup.lastIndex = 0
  while (markup.lastIndex < svg.length) {
    const at = markup.lastIndex
    const tag = markup.exec(svg)?.groups
    if (tag === undefined) throw new Error(`not well-formed: ${svg.slice(at, at + 60)}`)
    tags.push(tag)
  }
  return tags
}

/**
 * Reads an SVG of elements and plain attributes only, which is a small part of XML: text, comments,
 * entities, prefixes, declarations and a second root are refused.
 *
 * @throws when the text is anything else.
 */
export function svgElements(svg: string): SvgElement[] {
  const elements: SvgElement[] = []
  const open: string[] = []
  for (const { closed, opened = '', attributes = '', empty } of tagsOf(svg)) {
    if (closed !== undefined) {
      if (open.pop() !== closed) throw new Error(`${closed} was not open`)
      continue
    }
    if (open.length === 0 && elements.length > 0) throw new Error(`${opened} stands outside the root`)
    elements.push({ name: opened, attributes: attributesOf(attributes) })
    if (empty === '') open.push(opened)
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`)
  return elements
}
