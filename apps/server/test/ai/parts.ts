import type { Clock, Log, Model, ModelEvent, ModelRequest, PersonaVersion } from '../../src/chat/ports.ts'
import { ModelFault } from '../../src/chat/ports.ts'

/** A key that must never be seen anywhere. */
export const SECRET = 'sk-secret-0123456789abcdef'

/** What was logged, line by line. */
export function recordingLog() {
  const lines: string[] = []
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${JSON.stringify(fields)} ${message}`)
  const log: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
  return { lines, log }
}

/** Real time, that also tells which waits were asked for. */
export function recordingClock() {
  const waits: number[] = []
  const clock: Clock = {
    // As the system clock of the server: it does not know what time it is.
    now: () => performance.now(),
    after(ms, callback) {
      waits.push(ms)
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  }
  return { waits, clock }
}

/** A persona whose demo script answers as given. */
export function personaWith(script: PersonaVersion['script']): PersonaVersion {
  return {
    id: 'version-1',
    personaId: 'persona-1',
    name: 'Ada',
    pitch: 'A persona for tests.',
    greeting: 'Hello.',
    instructions: 'Be brief.',
    script,
  }
}

/** A conversation whose newest message is `text`. */
export function ask(text: string): ModelRequest {
  return {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: text },
    ],
    persona: personaWith({ answers: [], otherwise: ['Hm.'] }),
  }
}

/** How a reply went: its pieces, how it ended, the fault if there was one. */
export interface Outcome {
  readonly pieces: string[]
  readonly text: string
  readonly end: Extract<ModelEvent, { type: 'end' }> | null
  readonly fault: ModelFault | null
}

/** Listens to a reply until it is over. Anything thrown that is no ModelFault fails the test. */
export async function listenTo(
  model: Model,
  request: ModelRequest = ask('Hello?'),
  signal: AbortSignal = new AbortController().signal,
  onText: (soFar: string) => void = () => {},
): Promise<Outcome> {
  const pieces: string[] = []
  let end: Outcome['end'] = null
  let fault: ModelFault | null = null
  try {
    for await (const event of model.stream(request, signal)) {
      if (end !== null) throw new Error(`${event.type} after end`)
      if (event.type === 'end') {
        end = event
      } else {
        pieces.push(event.text)
        onText(pieces.join(''))
      }
    }
  } catch (error) {
    if (!(error instanceof ModelFault)) throw error
    fault = error
  }
  return { pieces, text: pieces.join(''), end, fault }
}
