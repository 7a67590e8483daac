import { emitRaw, enterRaw } from '../../test/access/raw-socket.ts'

/** A program that asks for page after page of a session and waits for none. */
export interface Hoarder {
  /** Asks; resolves when the last page is here, which may never be. */
  ask(pages: number): Promise<void>
  leave(): void
}

/** Connects as `userId`, whose session it is. */
export async function openHoarder(url: string, userId: string, sessionId: string): Promise<Hoarder> {
  const raw = await enterRaw(url)
  emitRaw(raw, 'chat:auth', { userId })
  return {
    ask: async (pages) => {
      for (let page = 1; page <= pages; page++) {
        raw.ws.send(`42/chat,${page}${JSON.stringify(['chat:history', { sessionId }])}`)
      }
      await raw.frame((frame) => frame.startsWith(`43/chat,${pages}[`))
    },
    leave: () => raw.ws.terminate(),
  }
}
