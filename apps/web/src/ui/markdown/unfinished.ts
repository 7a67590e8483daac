/**
 * Takes from the end of a text that is still written what would be read as plain signs now and as
 * markup a moment later: the first strokes of a fence, of emphasis, of a heading, of a table.
 */
export function hideUnfinished(text: string): string {
  const lineStart = text.lastIndexOf('\n') + 1
  const line = text.slice(lineStart)
  const lines = text.slice(0, lineStart)
  const fence = openFence(lines)
  if (fence !== null) return isPartOfFence(line, fence) ? lines : text
  if (opensNothingYet(line)) return lines
  if (/^\s{0,3}(`{3,}|~{3,})/.test(line)) return text
  return text.replace(/(?<!\\)[*_~`]+$/, '')
}

/**
 * Takes rows of bars from the end of a paragraph: a table's head is one only when the line below it
 * is complete. More than two rows are no table any more.
 */
export function hideTableHead(text: string): string {
  const rows = /(?:^|\n)((?:[ \t]{0,3}\|[^\n]*(?:\n|$)){1,2})$/.exec(text)?.[1]
  if (rows === undefined) return text
  const rest = text.slice(0, text.length - rows.length)
  return /(?:^|\n)[ \t]{0,3}\|[^\n]*\n$/.test(rest) ? text : rest
}

/** A line that is only the first strokes of a heading, a list, a quote, a rule or a fence. */
function opensNothingYet(line: string): boolean {
  return /^\s*(#{1,6}|[-+*=>|]|--|\d{1,9}[.)]?|`{1,2}|~{1,2})[ \t]*$/.test(line)
}

/** The marker of the code fence that is open at the end of whole lines; null outside of code. */
function openFence(lines: string): string | null {
  let open: string | null = null
  for (const line of lines.split('\n')) {
    const marker = /^\s*(?:[-*+>]\s+|\d+[.)]\s+)*(`{3,}|~{3,})/.exec(line)?.[1]
    if (marker === undefined) continue
    if (open === null) open = marker
    else if (marker.startsWith(open) && line.trim() === marker) open = null
  }
  return open
}

function isPartOfFence(line: string, fence: string): boolean {
  const marks = line.trim()
  return marks !== '' && marks.length < fence.length && fence.startsWith(marks)
}
