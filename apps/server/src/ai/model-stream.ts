import type { FinishReason } from '@parley/protocol'
import type { Clock, ModelEvent, TokenUsage } from '../chat/ports.ts'
import { finishReason, readChunk } from './chunk.ts'

/** An answer that has begun to arrive. */
export interface OpenCall {
  readonly chunks: AsyncIterable<unknown>
  /** Closes the connection. */
  readonly close: () => void
}

/**
 * Turns the chunks of one call into events.
 *
 * `end` waits for the end of the stream, because the usage comes after the reason, but never longer
 * than the grace: some servers leave the connection open. Once the model said why it finished,
 * whatever else happens to the line (a cut, no `[DONE]`, an error) takes nothing away from the
 * reply. Without a reason the iteration ends without `end`.
 *
 * @throws {UnusableAnswer} and whatever the SDK throws.
 */
export async function* readReply(
  call: OpenCall,
  clock: Clock,
  endGraceMs: number,
): AsyncGenerator<ModelEvent> {
  let reason: FinishReason | null = null
  let usage: TokenUsage | null = null
  let refused = false
  let cancelGrace = () => {}
  try {
    for await (const raw of call.chunks) {
      const chunk = readChunk(raw)
      const text = chunk.text + chunk.refusal
      refused ||= chunk.refusal !== ''
      if (text !== '') yield { type: 'text', text }
      usage = chunk.usage ?? usage
      if (chunk.finish === null || reason !== null) continue
      reason = finishReason(chunk.finish, refused)
      cancelGrace = clock.after(endGraceMs, call.close)
    }
  } catch (error) {
    if (reason === null) throw error
  } finally {
    cancelGrace()
  }
  if (reason !== null) yield { type: 'end', reason, usage }
}
