import { useEffect } from 'react'

/** Names the page in its tab. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Parley' : `${title} · Parley`
  }, [title])
}
