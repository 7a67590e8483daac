import { Component, type ReactNode } from 'react'
import { Button } from '../ui/button.tsx'

/** Stands in for the page when a part of it cannot be loaded or shown. */
export class Fallback extends Component<{ children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError() {
    return { hasFailed: true }
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children
    return (
      <main role="alert" className="grid min-h-dvh place-content-center justify-items-center p-8 text-center">
        <h1 className="display-type mb-3 font-semibold text-3xl">This page got stuck</h1>
        <p className="mb-6 max-w-md text-soft">
          A part of it could not be loaded or shown. What you have said and written is kept.
        </p>
        <Button shape="solid" onClick={() => location.reload()}>
          Reload
        </Button>
      </main>
    )
  }
}
