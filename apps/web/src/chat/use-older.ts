import type { ChatSession } from '@parley/client'
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useSelected } from '../ui/store.ts'

/** Older messages of a conversation. */
export interface Older {
  readonly hasMore: boolean
  readonly isFailed: boolean
  readonly load: () => void
  /** To be put on an element above the oldest message: older ones are read when it comes near. */
  readonly markRef: RefObject<HTMLDivElement | null>
}

/** Reads older messages as the reader scrolls up, and keeps what is being read where it is. */
export function useOlder(session: ChatSession, scroller: RefObject<HTMLElement | null>): Older {
  const hasMore = useSelected(session.state, (state) => state.hasMore)
  const oldestId = useSelected(session.state, (state) => state.messages[0]?.id)
  const [isFailed, setFailed] = useState(false)
  const markRef = useRef<HTMLDivElement>(null)
  const load = () => {
    setFailed(false)
    session.loadOlder().catch(() => setFailed(true))
  }

  // Another oldest message means that older ones came: the mark may still be near.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  useEffect(() => {
    const mark = markRef.current
    if (!mark || !hasMore || isFailed) return
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) load()
      },
      { root: scroller.current, rootMargin: '600px 0px 0px 0px' },
    )
    observer.observe(mark)
    return () => observer.disconnect()
  }, [session, hasMore, isFailed, oldestId])

  useKeptPlace(scroller, oldestId)
  return { hasMore, isFailed, load, markRef }
}

/** When messages are put above the oldest one, scrolls by their height. */
function useKeptPlace(scroller: RefObject<HTMLElement | null>, oldestId: string | undefined): void {
  const held = useRef<{ readonly id: string; readonly top: number } | null>(null)
  useLayoutEffect(() => {
    const list = scroller.current
    if (!list || oldestId === undefined) return
    const before = held.current
    if (before && before.id !== oldestId) {
      const top = topOf(list, before.id)
      if (top !== null) list.scrollTop += top - before.top
    }
    const top = topOf(list, oldestId)
    held.current = top === null ? null : { id: oldestId, top }
  }, [scroller, oldestId])
}

function topOf(list: HTMLElement, id: string): number | null {
  const row = list.querySelector(`[data-id="${CSS.escape(id)}"]`)
  if (!row) return null
  return row.getBoundingClientRect().top - list.getBoundingClientRect().top + list.scrollTop
}
