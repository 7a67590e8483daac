import { isSettled, type Person, type Said } from './person.ts'
import type { Row } from './rows.ts'
import type { Script } from './script.ts'

/** What went wrong, counted, and the first few of it in words. */
export interface Verdict {
  /** Acknowledged and not there; said, neither there nor refused; an answer that is not there. */
  lost: number
  /** There more than once; answered more than once. */
  doubled: number
  /** Behind something that was said later by the same person. */
  disordered: number
  /** A reply without an end, or a page that shows something else than the database holds. */
  unfinished: number
  /** A reply that says it is complete, with a text that is no answer of the model. */
  mixed: number
  readonly examples: string[]
}

/** What is compared. */
export interface Evidence {
  readonly people: readonly Person[]
  readonly rows: readonly Row[]
  readonly script: Script
  /** Whether each reply has to be one call of the model; else as many as epochs at most. Default: true. */
  readonly oneCall?: boolean
}

type Kind = Exclude<keyof Verdict, 'examples'>

/** Examples that are kept. */
const EXAMPLES = 5

/** Compares what people were told, what their pages show, what the model did and what the database holds. */
export function check({ people, rows, script, oneCall = true }: Evidence): Verdict {
  const verdict: Verdict = { lost: 0, doubled: 0, disordered: 0, unfinished: 0, mixed: 0, examples: [] }
  const count: Count = (kind, example) => {
    verdict[kind]++
    if (verdict.examples.length < EXAMPLES) verdict.examples.push(`${kind}: ${example}`)
  }
  const bySession = groupBySession(rows)
  for (const person of people) {
    const own = bySession.get(person.session.id) ?? []
    checkSaid(person, own, count)
    checkPage(person, own, count)
  }
  for (const session of bySession.values()) checkReplies(session, script, oneCall, count)
  return verdict
}

type Count = (kind: Kind, example: string) => void

function checkSaid({ name, said }: Person, rows: readonly Row[], count: Count): void {
  let before = 0
  for (const entry of said) {
    const found = rows.filter((row) => row.sender === 'user' && row.content === entry.content)
    countSaid(name, entry, found, count)
    const seq = found[0]?.seq ?? before
    if (seq < before) count('disordered', `${name}: “${entry.content}”`)
    before = seq
  }
}

function countSaid(name: string, { content, id, failure }: Said, found: readonly Row[], count: Count): void {
  if (found.length > 1) count('doubled', `${name} said “${content}” once, it is there ${found.length} times`)
  if (id !== null && !found.some((row) => row.id === id)) {
    count('lost', `${name} said “${content}”, which was acknowledged`)
  } else if (found.length === 0 && failure === null) {
    count('lost', `${name} said “${content}”, which was not refused`)
  }
}

function checkPage(person: Person, rows: readonly Row[], count: Count): void {
  if (!isSettled(person)) {
    count('unfinished', `the page of ${person.name} still waits for something`)
    return
  }
  const { messages } = person.state()
  const from = messages[0]?.seq ?? 0
  const held = rows.filter(({ seq }) => seq >= from)
  const shows = (row: Row, index: number) =>
    messages[index]?.id === row.id &&
    messages[index]?.content === row.content &&
    messages[index]?.status === row.status
  const wrong = held.find((row, index) => !shows(row, index))
  if (wrong || messages.length !== held.length) {
    count('unfinished', `the page of ${person.name} differs from the database at ${wrong?.seq ?? 'its end'}`)
  }
}

function checkReplies(rows: readonly Row[], script: Script, oneCall: boolean, count: Count): void {
  for (const said of rows.filter(({ sender }) => sender === 'user')) {
    const replies = rows.filter(({ parentId, sender }) => parentId === said.id && sender === 'ai')
    if (replies.length > 1) count('doubled', `“${said.content}” has ${replies.length} replies`)
    const [reply] = replies
    if (reply) checkReply(said, reply, script, oneCall, count)
    else count('lost', `“${said.content}” has no reply`)
  }
}

function checkReply({ content }: Row, reply: Row, script: Script, oneCall: boolean, count: Count): void {
  const { status, epoch } = reply
  if (status === 'live' || status === 'waiting') count('unfinished', `the reply to “${content}” is ${status}`)
  const wrong = status === 'complete' && !script.answers(content).includes(reply.content)
  if (wrong) count('mixed', `the reply to “${content}”`)
  const calls = script.calls(content)
  if (calls > (oneCall ? 1 : Math.max(1, epoch))) {
    count('doubled', `the model was asked ${calls} times for “${content}”`)
  }
}

function groupBySession(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.sessionId)
    if (group) group.push(row)
    else groups.set(row.sessionId, [row])
  }
  return groups
}
