import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasEnded, openState, reduce, type SessionInput, type SessionState, textOf } from '../src/index.ts'
import { greeted } from './rows.ts'
import { type Step, TrueHistory } from './true-history.ts'

const runs = { numRuns: 400 }

const text = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', '\n', '😀', '👩‍👩‍👧', 'é', '𝒳', '漢'),
  maxLength: 12,
})
const say = fc.record({
  kind: fc.constant('say' as const),
  text,
  cuts: fc.array(fc.nat(20), { maxLength: 4 }),
})
const plainStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 8, arbitrary: say },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('take over' as const),
      from: fc.constantFrom('saved' as const, 'beginning' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('finish' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('edit' as const, 'regenerate' as const, 'select' as const),
      pick: fc.nat(20),
    }),
  },
)
const repeat = fc.record({ kind: fc.constant('repeat' as const), turn: fc.nat(10) })
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: plainStep },
  { weight: 1, arbitrary: repeat },
)
const steps = (step: fc.Arbitrary<Step>) =>
  fc.array(step, { maxLength: 40 }).map((rest): Step[] => [{ kind: 'turn' }, ...rest])

/** What the line does to each event: how often it arrives, and by how many places too late. */
const faults = fc.array(fc.array(fc.oneof(fc.constant(0), fc.nat(12)), { maxLength: 2 }), { maxLength: 60 })

function deliver(events: readonly SessionInput[], arrivals: readonly (readonly number[])[]): SessionInput[] {
  const sent = events.flatMap((event, at) => (arrivals[at] ?? [0]).map((late) => ({ event, due: at + late })))
  return sent.sort((a, b) => a.due - b.due).map(({ event }) => event)
}

function historyOf(all: readonly Step[]): TrueHistory {
  const history = new TrueHistory()
  for (const step of all) history.take(step)
  return history
}

/** What a person sees, and what is missing; independent of how it was reached. */
function shown(state: SessionState) {
  const { session, revision, messages, need, heldChanges } = state
  const texts = messages.map((row) => [row.id, textOf(state, row)])
  const live = messages
    .filter((row) => row.status === 'live')
    .map(({ id }) => ({ epoch: state.live.get(id)?.epoch ?? -1, held: state.live.get(id)?.held ?? [] }))
  return {
    session,
    revision,
    messages: messages.slice(-50),
    texts: texts.slice(-50),
    need,
    heldChanges,
    live,
  }
}

function wrongPrefixes(state: SessionState, history: TrueHistory): string[] {
  return state.messages
    .filter((row) => !hasEnded(row))
    .flatMap((row) => {
      const live = state.live.get(row.id)
      const whole = live ? (history.written.get(`${live.replyId} ${live.epoch}`) ?? '') : ''
      return whole.startsWith(textOf(state, row)) ? [] : [`${row.id}: ${textOf(state, row)}`]
    })
}

describe('[R2] [M3] [M6] any drop, repeat and reordering', () => {
  it.each(['sync', 'join', 'reset'] as const)('[S1] then a %s: the state of a fresh join', (last) => {
    fc.assert(
      fc.property(steps(anyStep), faults, (all, arrivals) => {
        const history = historyOf(all)
        const before = deliver(history.events, arrivals).reduce(reduce, openState(greeted()))
        history.saveAll()
        const after = caughtUp(history, last, before)
        expect(shown(after)).toEqual(shown(openState(history.snapshot())))
      }),
      runs,
    )
  })

  it('[R2] whenever nothing is said to be missing, every text is a prefix of the true one', () => {
    fc.assert(
      fc.property(steps(anyStep), faults, (all, arrivals) => {
        const history = historyOf(all)
        let state = openState(greeted())
        for (const input of deliver(history.events, arrivals)) {
          state = reduce(state, input)
          if (state.need === null) expect(wrongPrefixes(state, history)).toEqual([])
        }
      }),
      runs,
    )
  })

  it('[M3] at every moment the messages are those of the revision that the client is at', () => {
    fc.assert(
      fc.property(steps(plainStep), faults, (all, arrivals) => {
        const history = historyOf(all)
        let state = openState(greeted())
        for (const input of deliver(history.events, arrivals)) {
          state = reduce(state, input)
          expect(state.messages).toEqual(history.branchAt(state.revision))
        }
      }),
      runs,
    )
  })

  it('[R2] [M3] a repeat or a reordering without a loss needs no sync', () => {
    const late = fc.array(fc.nat(12), { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(steps(plainStep), fc.array(late, { maxLength: 60 }), (all, arrivals) => {
        const history = historyOf(all.filter((step) => step.kind !== 'take over'))
        const state = deliver(history.events, arrivals).reduce(reduce, openState(greeted()))
        history.saveAll()
        expect(shown(state)).toMatchObject({
          ...shown(openState(history.snapshot())),
          live: expect.anything(),
        })
      }),
      runs,
    )
  })

  it('[J1] a join in the middle of it, and older events after it', () => {
    fc.assert(
      fc.property(steps(anyStep), steps(anyStep), faults, (early, late, arrivals) => {
        const history = historyOf(early)
        const joined = openState(history.snapshot())
        for (const step of late) history.take(step)
        const before = deliver(history.events, arrivals).reduce(reduce, joined)
        history.saveAll()
        const after = caughtUp(history, 'sync', before)
        expect(shown(after)).toEqual(shown(openState(history.snapshot())))
      }),
      runs,
    )
  })
})

/** The state once everything that it needs was fetched, as a client does it. */
function caughtUp(history: TrueHistory, last: 'sync' | 'join' | 'reset', before: SessionState): SessionState {
  const after = reduce(before, lastInput(history, last, before.revision))
  return after.need === 'page' ? reduce(after, lastInput(history, 'reset', 0)) : after
}

function lastInput(history: TrueHistory, last: 'sync' | 'join' | 'reset', revision: number): SessionInput {
  if (last === 'join') return { type: 'joined', snapshot: history.snapshot() }
  const reset = { ...history.snapshot(), reset: true as const }
  const answer = last === 'sync' ? history.sync(revision) : reset
  return { type: 'synced', afterRevision: revision, answer }
}
