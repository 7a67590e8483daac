/**
 * Keeps the page inside what an on-screen keyboard leaves of it. Where the browser shrinks the page by
 * itself nothing is done; Safari on iOS does not, and pushes the page up instead. Returns a function
 * that ends it.
 */
export function followVisibleHeight(root: HTMLElement): () => void {
  const viewport = window.visualViewport
  if (!viewport) return () => undefined
  const update = () => {
    const isCovered = viewport.scale === 1 && viewport.height < window.innerHeight - 1
    if (isCovered) {
      root.style.setProperty('--visible-height', `${viewport.height}px`)
      root.style.setProperty('--visible-top', `${viewport.offsetTop}px`)
    } else {
      root.style.removeProperty('--visible-height')
      root.style.removeProperty('--visible-top')
    }
  }
  update()
  viewport.addEventListener('resize', update)
  viewport.addEventListener('scroll', update)
  return () => {
    viewport.removeEventListener('resize', update)
    viewport.removeEventListener('scroll', update)
  }
}
