import { isDeepStrictEqual } from 'node:util'
import type { SessionState } from '@parley/client'
import type { Message } from '@parley/protocol'
import type { Call } from './numbered-model.ts'
import type { Tab } from './tab.ts'
import type { Truth } from './truth.ts'
import type { Witness } from './witness.ts'

/** Everything that a run is judged by, once it is over. */
export interface Case {
  readonly tabs: readonly Tab[]
  readonly truth: Truth
  readonly witness: Witness
  readonly calls: ReadonlyMap<string, Call>
}

/** What is wrong at the end of a run; empty: nothing. */
export function judge({ tabs, truth, witness, calls }: Case): string[] {
  return [
    ...faultsOfState('a fresh join', truth.fresh, truth),
    ...tabs.flatMap(({ name, session }) =>
      session ? faultsOfState(name, session.state.get(), truth) : [`${name} has no session`],
    ),
    ...tabs.flatMap((tab) => faultsOfSent(tab, truth)),
    ...faultsOfCalls(truth, calls),
    ...faultsOfShown(truth, witness),
    ...faultsOfSettled(truth, witness),
  ]
}

/** [S1] A client holds what a fresh join gives; maybe more pages of it, and other branches, just as true. */
function faultsOfState(who: string, state: SessionState, { session, rows, branch, fresh }: Truth): string[] {
  const { messages } = state
  const faults: string[] = []
  const expect = (what: string, found: unknown, expected: unknown) => {
    if (isDeepStrictEqual(found, expected)) return
    faults.push(`${who}: ${what} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`)
  }
  expect('session', state.session, session)
  expect('revision', state.revision, session.revision)
  expect('number of messages', messages.length >= fresh.messages.length, true)
  expect('shown branch', messages, branch.slice(-messages.length))
  expect('hasMore', state.hasMore, messages.length < branch.length)
  for (const [id, row] of state.rows) expect(`row ${id}`, row, rows.get(id))
  for (const key of ['need', 'fault'] as const) expect(key, state[key], null)
  expect('live texts', [...state.live.values()], [])
  expect('held changes', state.heldChanges, [])
  expect('pending messages', state.pending, [])
  return faults
}

/** [M1] [M2] What was said in a tab is there once each, in its order. */
function faultsOfSent({ name, said, outbox }: Tab, { rows }: Truth): string[] {
  const found = [...rows.values()]
    .sort((a, b) => a.seq - b.seq)
    .flatMap(({ sender, content }) => (sender === 'user' ? (/<(.+)>$/.exec(content)?.[1] ?? []) : []))
    .filter((label) => said.includes(label))
  const faults = isDeepStrictEqual(found, said) ? [] : [`${name} said ${said}, and there is ${found}`]
  return outbox.waiting.length === 0 ? faults : [...faults, `${name} still keeps ${outbox.waiting.length}`]
}

/** [M2] [R5] Every reply that was begun came of one call of the model; who stops one may be faster. */
function faultsOfCalls({ rows }: Truth, calls: ReadonlyMap<string, Call>): string[] {
  const faults: string[] = []
  for (const message of rows.values()) {
    const label = /<(.+)>$/.exec(message.content)?.[1]
    if (message.sender !== 'user' || label === undefined) continue
    const replies = [...rows.values()].filter(({ parentId }) => parentId === message.id)
    const made = [...calls.values()].filter((call) => call.label === label).length
    const spoken = replies.filter(({ content }) => content !== '').length
    if (made < spoken || made > replies.length) {
      faults.push(`${label} has ${replies.length} replies (${spoken} with text) of ${made} calls`)
    }
    if (!replies.some(({ id }) => id === message.replyId)) faults.push(`${label} lacks its reply`)
  }
  return faults
}

/** [R3] [R6] [M6] No server died, so what anybody saw of a reply is the beginning of what is kept of it. */
function faultsOfShown({ rows }: Truth, { longest, faults }: Witness): string[] {
  const lost = [...longest].filter(([id, text]) => !rows.get(id)?.content.startsWith(text))
  return [
    ...faults,
    ...lost.map(([id, text]) => `of ${id} was shown ${JSON.stringify(text)}, kept ${shortOf(rows.get(id))}`),
  ]
}

/** [M1] What was sent is in sight until the page has the revision that committed it. */
function faultsOfSettled({ rows }: Truth, { settled }: Witness): string[] {
  const seqs = new Map([...rows.values()].map(({ clientMessageId, seq }) => [clientMessageId, seq]))
  return settled
    .filter(({ clientMessageId, revision }) => (seqs.get(clientMessageId) ?? revision + 1) > revision)
    .map(({ page, clientMessageId, revision }) => `${page} lost ${clientMessageId} at revision ${revision}`)
}

const shortOf = (row: Message | undefined) => `${row?.status} ${JSON.stringify(row?.content)}`
