import type { Delta } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import type { Broadcaster, Clock, Model, ModelEvent, PersonaVersion, ReplyJob } from '../../src/chat/ports.ts'
import { Writing } from '../../src/chat/writing.ts'
import { until } from './until.ts'

const persona: PersonaVersion = {
  id: 'version-1',
  personaId: 'persona-1',
  name: 'Ada',
  pitch: 'A persona for tests.',
  greeting: 'Hello.',
  instructions: 'Be brief.',
  script: { answers: [], otherwise: ['Hm.'] },
}
const job: ReplyJob = {
  replyId: 'r',
  sessionId: 's',
  userId: 'u',
  epoch: 3,
  personaVersionId: 'version-1',
  context: [],
}

/** Time that passes only when the test says so. */
function heldClock() {
  const timers = new Map<() => void, number>()
  const clock: Clock = {
    now: () => 0,
    after: (ms, callback) => {
      timers.set(callback, ms)
      return () => timers.delete(callback)
    },
  }
  const pass = (ms: number) => {
    for (const [callback, due] of [...timers]) {
      if (due > ms) continue
      timers.delete(callback)
      callback()
    }
  }
  return { clock, pass }
}

/** A reply that is written while the test holds both the model and the time. */
function beginWriting() {
  const deltas: Delta[] = []
  const given: (ModelEvent | null)[] = []
  let wake = () => {}
  let taken = 0
  const model: Model = {
    name: 'by hand',
    demo: false,
    async *stream() {
      for (;;) {
        const event = given.shift()
        if (event === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else if (event === null) return
        else yield event
        if (event) taken++
      }
    },
  }
  const broadcaster: Broadcaster = {
    toSession: (_session, _event, payload) => {
      if ('offset' in payload) deltas.push(payload)
    },
    toUser: () => {},
  }
  const { clock, pass } = heldClock()
  const writing = new Writing(job, { model, broadcaster, clock, timeoutMs: 30_000 })
  const outcome = writing.run({ messages: [], persona })
  let events = 0
  const give = async (event: ModelEvent | null) => {
    given.push(event)
    if (event) events++
    wake()
    await until(() => taken === events || event === null)
  }
  return { writing, outcome, deltas, pass, give }
}

const text = (piece: string): ModelEvent => ({ type: 'text', text: piece })
const end: ModelEvent = { type: 'end', reason: 'stop', usage: null }

describe('[R2] when deltas go out', () => {
  it('the first piece at once; later ones together, 40 ms after the first of them', async () => {
    const { deltas, pass, give, outcome } = beginWriting()
    await give(text('One'))
    const first = { sessionId: 's', replyId: 'r', epoch: 3, offset: 0, text: 'One', start: true }
    expect(deltas).toEqual([first])
    await give(text(' two'))
    await give(text(' three'))
    pass(39)
    expect(deltas).toEqual([first])
    pass(40)
    const second = { sessionId: 's', replyId: 'r', epoch: 3, offset: 3, text: ' two three' }
    expect(deltas).toEqual([first, second])
    await give(text(' four'))
    await give(end)
    await give(null)
    expect(await outcome).toMatchObject({ kind: 'ended', end: { status: 'complete', finishReason: 'stop' } })
    expect(deltas).toEqual([first, second, { ...second, offset: 13, text: ' four' }])
  })

  it('[R6] after a stop the last text goes out, once, and nothing after it', async () => {
    const { writing, deltas, pass, give, outcome } = beginWriting()
    await give(text('One'))
    await give(text(' two'))
    writing.interrupt('stop')
    expect(await outcome).toMatchObject({ kind: 'ended', end: { status: 'stopped', error: null } })
    const said = deltas.map((delta) => delta.text)
    expect(said).toEqual(['One', ' two'])
    pass(60_000)
    expect(writing.text).toBe('One two')
    expect(deltas).toHaveLength(2)
  })

  it('[R4] a writing that was taken over sends nothing more', async () => {
    const { writing, deltas, give, outcome } = beginWriting()
    await give(text('One'))
    await give(text(' two'))
    writing.interrupt('lost')
    expect(await outcome).toEqual({ kind: 'lost' })
    expect(deltas.map((delta) => delta.text)).toEqual(['One'])
  })
})

describe('[R5] what a writing ends as', () => {
  it('at its time limit: AI_TIMEOUT; the first reason to end counts', async () => {
    const { writing, pass, give, outcome } = beginWriting()
    await give(text('One'))
    pass(30_000)
    writing.interrupt('stop')
    expect(await outcome).toMatchObject({ kind: 'ended', end: { status: 'failed', error: 'AI_TIMEOUT' } })
  })

  it('a model that had said its last word is complete, whatever came after', async () => {
    const { writing, give, outcome } = beginWriting()
    await give(text('One'))
    await give(end)
    writing.interrupt('stop')
    expect(await outcome).toMatchObject({ kind: 'ended', end: { status: 'complete' } })
  })
})
