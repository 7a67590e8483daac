import type { Signals } from '../chat/ports.ts'
import type { ChatNamespace } from './socket-server.ts'

/** What processes tell each other. */
export interface NodeEvents {
  stopped: (replyId: string) => void
}

/** Signals over the broker; without one there is nobody to tell. */
export function createSignals(chat: ChatNamespace, hasBroker: boolean): Signals {
  return { stopped: (replyId) => void (hasBroker && chat.serverSideEmit('stopped', replyId)) }
}

/** Acts on the signals of other processes. */
export function hearSignals(chat: ChatNamespace, signals: Signals): void {
  chat.on('stopped', (replyId) => signals.stopped(replyId))
}
