import { expect, onTestFinished, vi } from 'vitest'
import type { AiLimits } from '../../src/ai/limits.ts'
import { createOpenAiModel } from '../../src/ai/openai-model.ts'
import { createOpenAiModerator } from '../../src/ai/openai-moderator.ts'
import { startModelServer } from '../model-server/server.ts'
import { recordingClock, recordingLog, SECRET } from './parts.ts'

/** What a test may change of the model or moderator it gets. */
export interface Changes {
  readonly apiKey?: string | null
  readonly baseUrl?: string
  readonly limits?: Partial<AiLimits>
}

/**
 * A server of the test's own, and models and moderators that speak to it, with quick retries. When
 * the test is over, neither log nor console may have seen the key, and nothing may have gone past
 * the log.
 */
export async function setStage() {
  const server = await startModelServer()
  const { lines, log } = recordingLog()
  const { waits, clock } = recordingClock()
  const printed = watchConsole()
  onTestFinished(async () => {
    await server.close()
    expect(printed).toEqual([])
    expect(lines.join('\n')).not.toContain(SECRET)
  })
  const options = ({ limits, ...changes }: Changes) => ({
    apiKey: SECRET,
    baseUrl: server.url,
    log,
    clock,
    limits: { retryBaseMs: 2, ...limits },
    ...changes,
  })
  return {
    server,
    lines,
    waits,
    newModel: (changes: Changes = {}) => createOpenAiModel({ model: 'test', ...options(changes) }),
    newModerator: (changes: Changes = {}) => createOpenAiModerator(options(changes)),
  }
}

/** Takes note of everything that is printed instead of logged. */
function watchConsole(): unknown[] {
  const printed: unknown[] = []
  const methods = ['log', 'info', 'warn', 'error', 'debug'] as const
  const spies = methods.map((method) =>
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void printed.push(args)),
  )
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore()
  })
  return printed
}
