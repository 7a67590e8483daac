import {
  type ChatClient,
  ChatError,
  type ChatSession,
  createChatClient,
  hasEnded,
  type SessionState,
  type Timing,
} from '@parley/client'
import type { Stage } from './stage.ts'

/** How long a person looks at a page that has given up, in milliseconds. */
const RETRY_MS = 1_000

/** One thing that a person said, and what came of it. */
export interface Said {
  readonly content: string
  /** Id of the committed message, once it was acknowledged. */
  id: string | null
  /** When that was, on the clock of `performance.now()`. */
  ackedAt: number | null
  /** Why it was given up. */
  failure: string | null
}

/** Somebody with a page open: a whole client, and a log of what it said. */
export interface Person {
  readonly name: string
  readonly client: ChatClient
  readonly session: ChatSession
  /** In the order of saying. */
  readonly said: readonly Said[]
  /** Says something and does not wait. */
  say(content: string): Promise<Said>
  state(): SessionState
}

/** Where and as whom a person comes in. */
export interface Arrival {
  readonly url: string
  readonly name: string
  readonly timing?: Partial<Timing>
  readonly sessionId?: string
}

/** Opens a page, signs in and joins a persona. Leaves with the stage. */
export async function openPerson(stage: Stage, arrival: Arrival): Promise<Person> {
  const { url, name, timing = {}, sessionId } = arrival
  const client = createChatClient({
    url,
    credentials: async () => ({ userId: name }),
    timing,
    transports: ['websocket'],
  })
  stage.add(client, (it) => it.close())
  // After five attempts a page waits for somebody who presses its button [C4].
  client.connection.subscribe(() => {
    if (client.connection.get().status === 'offline') setTimeout(() => client.retry(), RETRY_MS)
  })
  const session = await client.join({ personaId: 'wren', sessionId })
  const said: Said[] = []
  return {
    name,
    client,
    session,
    said,
    state: () => session.state.get(),
    say: async (content) => {
      const entry: Said = { content, id: null, ackedAt: null, failure: null }
      said.push(entry)
      try {
        entry.id = (await session.send(content)).id
        entry.ackedAt = performance.now()
      } catch (cause) {
        entry.failure = cause instanceof ChatError ? cause.code : String(cause)
      }
      return entry
    },
  }
}

/** Opens many pages, a few at a time. */
export async function openPeople(
  stage: Stage,
  count: number,
  arrival: (index: number) => Arrival,
): Promise<Person[]> {
  const people: Person[] = []
  const open = async (from: number) => {
    for (let index = from; index < count; index += 10) {
      people[index] = await openPerson(stage, arrival(index))
    }
  }
  await Promise.all(Array.from({ length: 10 }, (_, from) => open(from)))
  return people
}

/** Whether nothing waits at this person's and every reply that is shown has ended. */
export function isSettled(person: Person): boolean {
  const { pending, messages, need } = person.state()
  const waits = pending.some(({ status }) => status !== 'failed')
  return !waits && need === null && messages.every(hasEnded)
}

/** What was given up instead of sent, in words; null if nothing was. */
export function givenUp(people: readonly Person[]): string | null {
  const failures = people.flatMap(({ said }) => said).flatMap(({ failure }) => failure ?? [])
  const [first] = failures
  return first === undefined ? null : `${failures.length} sends were given up, the first for ${first}`
}
