import { afterEach, beforeEach, expect, vi } from 'vitest'
import { type ChatClient, type ChatClientOptions, createChatClient, type Timing } from '../src/index.ts'
import { ScriptedServer } from './scripted-server.ts'

/** Waits that are short enough for a test and long enough for a busy machine. */
export const quick: Partial<Timing> = {
  requestTimeoutMs: 5_000,
  reconnectBaseMs: 4,
  reconnectMaxMs: 16,
  gapHoldMs: 5,
  flushMs: 10,
}

/** A server and the clients of one test; both end with it. */
export class Stage {
  server = new ScriptedServer()
  readonly clients: ChatClient[] = []

  client(options: Partial<ChatClientOptions> = {}): ChatClient {
    const credentials = async () => ({ userId: 'u1' })
    const client = createChatClient({ url: this.server.url, credentials, timing: quick, ...options })
    this.clients.push(client)
    return client
  }
}

/** Gives every test of a file a fresh stage. */
export function useStage(): Stage {
  const stage = new Stage()
  beforeEach(async () => {
    stage.server = new ScriptedServer()
    await stage.server.start()
  })
  afterEach(async () => {
    for (const client of stage.clients.splice(0)) client.close()
    await stage.server.stop()
  })
  return stage
}

/** Resolves once `read` gives something that equals `wanted`. */
export async function until<T>(read: () => T, wanted: T): Promise<void> {
  await vi.waitFor(() => expect(read()).toEqual(wanted), { timeout: 4_000, interval: 5 })
}

/** A promise that the test opens. */
export function closedGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}
