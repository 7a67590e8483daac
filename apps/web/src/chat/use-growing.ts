import { type RefObject, useLayoutEffect } from 'react'

/** Gives the text field inside the height of its text. */
export function useGrowing(frame: RefObject<HTMLElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text has another height.
  useLayoutEffect(() => {
    const field = frame.current?.querySelector('textarea')
    if (!field) return
    const grow = () => {
      field.style.height = 'auto'
      field.style.height = `${field.scrollHeight}px`
    }
    grow()
    // A screen that was turned breaks the lines elsewhere.
    window.addEventListener('resize', grow)
    return () => window.removeEventListener('resize', grow)
  }, [frame, text])
}
