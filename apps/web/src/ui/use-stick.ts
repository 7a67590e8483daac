import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** A list that keeps its end in view while the reader is there. */
export interface Stick {
  readonly scroller: RefObject<HTMLElement | null>
  /** What is inside of the scroller and grows. */
  readonly content: RefObject<HTMLDivElement | null>
  /** The end is in view, and stays so. */
  readonly isAtEnd: boolean
  /** Brings the end into view and keeps it there. */
  readonly toEnd: () => void
}

/** Pixels that still count as the end. */
const NEAR = 4

/**
 * Follows the end of a growing list. A reader who scrolls up stays where they are until they scroll
 * down again or `toEnd` is called. Both sizes are watched: the list also moves when its frame shrinks
 * for a banner, a taller composer or a keyboard.
 */
export function useStick(): Stick {
  const scroller = useRef<HTMLElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const isStuck = useRef(true)
  const [isAtEnd, setAtEnd] = useState(true)

  const stick = useCallback((stuck: boolean) => {
    isStuck.current = stuck
    setAtEnd(stuck)
  }, [])
  const toEnd = useCallback(() => {
    stick(true)
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
    scroller.current?.scrollTo({
      top: scroller.current.scrollHeight,
      behavior: isCalm ? 'instant' : 'smooth',
    })
  }, [stick])

  useEffect(() => {
    const list = scroller.current
    if (!list || !content.current) return
    let lastTop = list.scrollTop
    let lastFrame = list.clientHeight
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = list
      // A list that became shorter than it was scrolled to is moved by the browser, exactly to its end;
      // its frame may have shrunk again by the time of the event.
      if (scrollHeight - clientHeight - scrollTop <= NEAR) stick(true)
      else if (scrollTop < lastTop && clientHeight === lastFrame) stick(false)
      lastTop = scrollTop
      lastFrame = clientHeight
    }
    const sizes = new ResizeObserver(() => {
      if (isStuck.current) list.scrollTop = list.scrollHeight
      lastFrame = list.clientHeight
    })
    sizes.observe(list)
    sizes.observe(content.current)
    list.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      sizes.disconnect()
      list.removeEventListener('scroll', onScroll)
    }
  }, [stick])
  return { scroller, content, isAtEnd, toEnd }
}
