import type { Root } from 'hast'
import { useEffect, useState } from 'react'

/** Code that grows is coloured once it rests: colouring it anew with every piece would cost too much. */
const REST_MS = 150

/** Longer code stays plain, so that the page does not stall. */
const MAX_LENGTH = 20_000

/** The parts of a block of code, once they are known; until then, and for unknown languages, null. */
export function useHighlighted(code: string, language: string): Root | null {
  const [result, setResult] = useState<{ readonly code: string; readonly tree: Root | null } | null>(null)
  useEffect(() => {
    if (language === '' || code === '' || code.length > MAX_LENGTH) return
    let isStale = false
    const timer = setTimeout(async () => {
      const { highlight } = await import('./highlight.ts')
      if (!isStale) setResult({ code, tree: highlight(code, language) })
    }, REST_MS)
    return () => {
      isStale = true
      clearTimeout(timer)
    }
  }, [code, language])
  return result?.code === code ? result.tree : null
}
