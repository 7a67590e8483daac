import type { AckData, Change, ClientEvents, LiveReply, Message, Snapshot } from '@parley/protocol'
import type { SessionInput } from '../src/index.ts'
import { delta, greeted, messageRow, replyRow, sessionRow } from './rows.ts'

/** One thing that happens on the server. */
export type Step =
  | { readonly kind: 'turn' }
  /** The live reply says `text`, cut into pieces behind the given shares of its code points. */
  | { readonly kind: 'say'; readonly text: string; readonly cuts: readonly number[] }
  | { readonly kind: 'flush' }
  /** Another node goes on with the live reply: from what was saved, or from its beginning. */
  | { readonly kind: 'take over'; readonly from: 'saved' | 'beginning' }
  | { readonly kind: 'finish' }
  /** Something else is said in the place of a message of the person, or a message is answered anew. */
  | { readonly kind: 'edit' | 'regenerate'; readonly pick: number }
  /** Another branch is shown. */
  | { readonly kind: 'select'; readonly pick: number }
  /** A client asks again for a turn that was committed; the answer has the rows of now. */
  | { readonly kind: 'repeat'; readonly turn: number }

interface Writing {
  readonly replyId: string
  epoch: number
  text: string
  saved: string
  /** The next piece is the first of its epoch. */
  starts: boolean
}

const PAGE = 50

/** A session as the server of the contract keeps it, and every event that it sends. */
export class TrueHistory {
  readonly events: SessionInput[] = []
  /** The whole text that each epoch of each reply wrote. */
  readonly written = new Map<string, string>()
  #revision = 1
  #turns = 0
  #leaf = 'greeting'
  #rows = new Map<string, Message>(greeted().messages.map((row) => [row.id, row]))
  #writing: Writing | null = null
  readonly #branches = new Map<number, readonly Message[]>([[1, greeted().messages]])
  #born = 0

  take(step: Step): void {
    if (step.kind === 'turn') this.#turn()
    else if (step.kind === 'repeat') this.#repeat(step.turn)
    else if (step.kind === 'edit' || step.kind === 'regenerate') this.#branchOff(step.kind, step.pick)
    else if (step.kind === 'select') this.#select(step.pick)
    else if (this.#writing) this.#write(this.#writing, step)
    this.#branches.set(this.#revision, this.#branch())
  }

  /** The branch as it stood at a revision. */
  branchAt(revision: number): readonly Message[] | undefined {
    return this.#branches.get(revision)
  }

  saveAll(): void {
    if (this.#writing) this.#writing.saved = this.#writing.text
  }

  snapshot(): Snapshot {
    const all = this.#branch()
    const session = sessionRow(this.#revision, this.#leaf)
    return { session, messages: all.slice(-PAGE), hasMore: all.length > PAGE, live: this.#live() }
  }

  sync(afterRevision: number): AckData<ClientEvents, 'chat:sync'> {
    const change = this.#change(afterRevision, this.#revision)
    return { reset: false, change, live: this.#live() }
  }

  #branch(): Message[] {
    const branch: Message[] = []
    for (let row = this.#rows.get(this.#leaf); row; row = this.#rows.get(row.parentId ?? ''))
      branch.unshift(row)
    return branch
  }

  /** An edit or a regeneration: ends what is live or waits, and makes a sibling, all in one change. */
  #branchOff(kind: 'edit' | 'regenerate', pick: number): void {
    const asked = [...this.#rows.values()].filter(({ sender }) => sender === 'user')
    const target = asked[pick % Math.max(1, asked.length)]
    if (!target) return
    const before = this.#revision
    this.#stopAll(before + 1)
    const n = ++this.#born
    const parentId = kind === 'edit' ? `e${n}` : target.id
    if (kind === 'edit') {
      const edited = { parentId: target.parentId, replyId: `x${n}`, clientMessageId: `ce${n}` }
      this.#putSibling(messageRow(`e${n}`, before + 1, edited))
    }
    this.#revision = before + (kind === 'edit' ? 2 : 1)
    this.#putSibling(replyRow(`x${n}`, this.#revision, parentId))
    this.#leaf = `x${n}`
    this.#start(`x${n}`)
    this.events.push({ type: 'change', change: this.#change(before, this.#revision) })
  }

  #putSibling(row: Message): void {
    const siblings = [...this.#rows.values()].filter(({ parentId }) => parentId === row.parentId)
    const siblingIds = [...siblings.map(({ id }) => id), row.id]
    for (const other of siblings) this.#put({ ...other, siblingIds, revision: row.revision })
    this.#put({ ...row, siblingIds })
  }

  #select(pick: number): void {
    const all = [...this.#rows.values()]
    let row = all[pick % all.length]
    const leafOf = (id: string) => all.filter(({ parentId }) => parentId === id).at(-1)
    for (let child = row; child; child = leafOf(child.id)) row = child
    if (!row || row.id === this.#leaf) return
    this.#leaf = row.id
    this.#stopAll(this.#revision + 1)
    this.#revision++
    this.events.push({ type: 'change', change: this.#change(this.#revision - 1, this.#revision) })
  }

  #stopAll(revision: number): void {
    for (const row of [...this.#rows.values()]) {
      if (row.status !== 'live' && row.status !== 'waiting') continue
      const content = row.id === this.#writing?.replyId ? this.#writing.text : ''
      this.#put({ ...row, status: 'stopped', content, revision })
    }
    this.#writing = null
  }

  #live(): LiveReply | null {
    const writing = this.#writing
    return writing && { replyId: writing.replyId, epoch: writing.epoch, text: writing.saved }
  }

  #change(prevRevision: number, revision: number): Change {
    const rows = [...this.#rows.values()]
    const messages = rows.filter((row) => row.revision > prevRevision && row.revision <= revision)
    return { prevRevision, revision, session: sessionRow(this.#revision, this.#leaf), messages }
  }

  #turn(): void {
    const n = ++this.#turns
    const status = this.#writing ? 'waiting' : 'live'
    const parentId = this.#leaf
    this.#put(messageRow(`m${n}`, this.#revision + 1, { parentId, replyId: `r${n}` }))
    this.#put(replyRow(`r${n}`, this.#revision + 2, `m${n}`, { status }))
    this.#leaf = `r${n}`
    this.#revision += 2
    if (status === 'live') this.#start(`r${n}`)
    this.events.push({ type: 'change', change: this.#change(this.#revision - 2, this.#revision) })
  }

  #repeat(turn: number): void {
    if (this.#turns === 0) return
    const n = (turn % this.#turns) + 1
    const message = this.#rows.get(`m${n}`)
    const reply = this.#rows.get(`r${n}`)
    if (!message || !reply) return
    const session = sessionRow(this.#revision, this.#leaf)
    const change = { prevRevision: message.seq - 1, revision: reply.seq, session, messages: [message, reply] }
    this.events.push({ type: 'change', change, clientMessageId: `c${n}` })
  }

  #write(writing: Writing, step: Step): void {
    if (step.kind === 'flush') writing.saved = writing.text
    else if (step.kind === 'take over') this.#takeOver(writing, step.from)
    else if (step.kind === 'finish') this.#finish(writing)
    else if (step.kind === 'say') {
      const points = [...step.text]
      const ends = step.cuts.map((cut) => cut % (points.length + 1)).sort((a, b) => a - b)
      let begin = 0
      for (const end of [...ends, points.length]) {
        this.#say(writing, points.slice(begin, end).join(''))
        begin = end
      }
    }
  }

  #say(writing: Writing, text: string): void {
    const start = writing.starts || undefined
    writing.starts = false
    const { replyId, epoch } = writing
    this.events.push({ type: 'delta', delta: delta(replyId, epoch, writing.text.length, text, start) })
    writing.text += text
    this.written.set(`${replyId} ${epoch}`, writing.text)
  }

  #takeOver(writing: Writing, from: 'saved' | 'beginning'): void {
    writing.epoch++
    writing.text = from === 'saved' ? writing.saved : ''
    writing.saved = writing.text
    writing.starts = true
    this.written.set(`${writing.replyId} ${writing.epoch}`, writing.text)
  }

  #finish(writing: Writing): void {
    const revision = this.#revision + 1
    const ended = this.#rows.get(writing.replyId)
    if (!ended) return
    const message: Message = { ...ended, status: 'complete', content: writing.text, revision }
    this.#put(message)
    this.#writing = null
    const next = [...this.#rows.values()].find((row) => row.status === 'waiting')
    if (next) {
      this.#put({ ...next, status: 'live', revision })
      this.#start(next.id)
    }
    this.#revision = revision
    const change = this.#change(revision - 1, revision)
    const messages = change.messages.filter((row) => row.id !== message.id)
    this.events.push({ type: 'response', response: { ...message, change: { ...change, messages } } })
  }

  #start(replyId: string): void {
    this.#writing = { replyId, epoch: 1, text: '', saved: '', starts: true }
  }

  #put(row: Message): void {
    this.#rows = new Map(this.#rows).set(row.id, row)
  }
}
