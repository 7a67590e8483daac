/**
 * Puts each generated part between its markers, `<!-- generated: NAME -->` and `<!-- end: NAME -->`.
 *
 * @throws Error when a part has no place in the text, or the text has a place without a part.
 */
export function withTables(guide: string, tables: Readonly<Record<string, string>>): string {
  const placed = new Set<string>()
  const text = guide.replaceAll(
    /(<!-- generated: ([a-z-]+) -->\n)[\s\S]*?(<!-- end: \2 -->)/g,
    (_, begin: string, name: string, end: string) => {
      const table = tables[name]
      if (table === undefined) throw new Error(`nothing generates the part ${name} of the guide`)
      placed.add(name)
      return `${begin}\n${table}\n\n${end}`
    },
  )
  const missing = Object.keys(tables).filter((name) => !placed.has(name))
  if (missing.length > 0) throw new Error(`the guide has no place for ${missing.join(', ')}`)
  return text
}
