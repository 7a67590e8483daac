import type { Page, WebSocketRoute } from '@playwright/test'

/** The page's line to its server, which a test can listen to, hold and cut. */
export interface Line {
  /** How many there have been. */
  opened(): number
  /** What the page sent over all of them, as it stood on the wire. */
  readonly sent: readonly string[]
  /** From now on keeps back what the server says, if it fits. */
  hold(pattern: RegExp): void
  /** From now on what the page sends and fits does not arrive. */
  block(pattern: RegExp): void
  /** Hands over what was kept back, and keeps nothing more. */
  release(): void
  /** How much is kept back now. */
  held(): number
  cut(): Promise<void>
}

/** Stands between a page and its server. To be called before the page is opened. */
export async function tapLine(page: Page): Promise<Line> {
  const sent: string[] = []
  const kept: (() => void)[] = []
  const routes: WebSocketRoute[] = []
  let holding: RegExp | null = null
  let blocking: RegExp | null = null
  await page.routeWebSocket(/\/socket\.io\//, (route) => {
    const server = route.connectToServer()
    routes.push(route)
    route.onMessage((message) => {
      sent.push(String(message))
      if (!blocking?.test(String(message))) server.send(message)
    })
    server.onMessage((message) => {
      if (holding?.test(String(message))) kept.push(() => route.send(message))
      else route.send(message)
    })
  })
  return {
    opened: () => routes.length,
    sent,
    hold: (pattern) => {
      holding = pattern
    },
    block: (pattern) => {
      blocking = pattern
    },
    release: () => {
      holding = null
      for (const hand of kept.splice(0)) hand()
    },
    held: () => kept.length,
    cut: async () => {
      await routes.at(-1)?.close({ code: 4000, reason: 'cut by the test' })
    },
  }
}

/** The events of a kind among what a page sent. */
export function eventsIn(sent: readonly string[], event: string): string[] {
  return sent.filter((frame) => frame.startsWith('42/chat,') && frame.includes(`["${event}"`))
}
