import { setTimeout as wait } from 'node:timers/promises'
import { hasEnded } from '@parley/client'
import { openTalk } from '../replies/talk.ts'
import { act } from './actions.ts'
import { openBadLine } from './bad-line.ts'
import { Dice } from './dice.ts'
import type { Call } from './numbered-model.ts'
import { Tab } from './tab.ts'
import { type Place, readTruth } from './truth.ts'
import { judge } from './verdict.ts'
import { type Kind, kinds, Weather } from './weather.ts'
import { Witness } from './witness.ts'

/** What a run takes place on. */
export interface Ground {
  readonly url: string
  readonly calls: ReadonlyMap<string, Call>
  /** A person and a persona who have nothing, or a long conversation, with each other. */
  placeOf(seed: number): Omit<Place, 'url'>
}

/** How a run ended. */
export interface Result {
  readonly seed: number
  /** Empty: all is well. */
  readonly faults: readonly string[]
  /** What was done, and what became of frames; in order. */
  readonly trace: readonly string[]
  /** Names of the actions and of the fates of frames that came about. */
  readonly happened: ReadonlySet<string>
}

/** How long clients may take to come to rest beside waiting for lost answers; by far longer than they need. */
const REST_MS = 20_000
/** How often they may wait for an answer in vain meanwhile. */
const REST_WAITS = 10
/** How often whether they are at rest is looked at. */
const LOOK_MS = 10

/** One conversation in several tabs, in the weather that the seed makes, and what is wrong after it. */
export async function run(ground: Ground, seed: number): Promise<Result> {
  const dice = new Dice(`run ${seed}`)
  const kind = dice.of('weather').pick(kinds) ?? 'cuts'
  const place = { url: ground.url, calls: ground.calls, ...ground.placeOf(seed) }
  const started = performance.now()
  const lines: string[] = []
  const happened = new Set<string>()
  const trace = (line: string, event?: string) => {
    lines.push(`${Math.round(performance.now() - started)} ms ${line}`)
    if (event !== undefined) happened.add(event)
  }
  trace(`${kind}, ${place.userId}`)
  const tripMs = await tripTo(ground.url)
  const patienceMs = Math.max(500, 20 * tripMs)
  const cast = { ...place, tripMs, patienceMs, witness: new Witness(ground.calls), trace }
  const tabs = await openTabs(dice.of('tabs'), kind, cast)
  const faults = await play(tabs, dice, kind, cast)
    // Whatever breaks belongs to this seed.
    .catch((cause: unknown) => [`${cause}`])
    .finally(() => closeAll(tabs))
  return { seed, faults: [...tabs.flatMap((tab) => tab.faults), ...faults], trace: lines, happened }
}

async function play(tabs: readonly Tab[], dice: Dice, kind: Kind, cast: Cast): Promise<readonly string[]> {
  await perform(tabs, dice.of('steps'), cast)
  cast.trace('the weather clears')
  for (const tab of tabs) {
    tab.line.clear()
    tab.goOnline()
  }
  const restMs = REST_MS + REST_WAITS * cast.patienceMs
  if (kind !== 'cuts') {
    const unready = await comeToRest(tabs, restMs, isReady, async () => [])
    if (unready.length > 0) return unready
    showLosses(tabs, kind, dice.of('end'))
  }
  return comeToRest(tabs, restMs, isAtRest, async () =>
    judge({ ...cast, tabs, truth: await readTruth(cast) }),
  )
}

async function closeAll(tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) tab.close()
  await Promise.all(tabs.map(({ line }) => line.close()))
}

/** How long it takes to connect and join on this machine at this moment, in milliseconds. */
async function tripTo(url: string): Promise<number> {
  const begun = performance.now()
  const talk = await openTalk(url)
  talk.close()
  return performance.now() - begun
}

/** What all tabs of a run share. */
interface Cast extends Place {
  readonly calls: Ground['calls']
  readonly tripMs: number
  /** How long clients wait for an answer: by far longer than it takes. */
  readonly patienceMs: number
  readonly witness: Witness
  readonly trace: (line: string, event?: string) => void
}

async function openTabs(dice: Dice, kind: Kind, cast: Cast): Promise<Tab[]> {
  const names = dice.chance(0.25) ? ['A', 'B', 'C'] : ['A', 'B']
  return Promise.all(
    names.map(async (name) => {
      const weather = new Weather(dice.of(name), kind)
      const line = await openBadLine(cast.url, weather, (what, fate) => cast.trace(`${name} ${what}`, fate))
      return new Tab({ ...cast, name, line })
    }),
  )
}

/** Acts at a pace that the machine can follow, but for the quick ones. */
async function perform(tabs: readonly Tab[], dice: Dice, { tripMs, trace }: Cast): Promise<void> {
  for (const tab of tabs) tab.join()
  await wait(tripMs * (dice.of('first').pick([0, 3]) ?? 0))
  const steps = 8 + dice.below(16)
  for (let step = 1; step <= steps; step++) {
    const own = dice.of(`${step}`)
    const tab = own.pick(tabs)
    const done = tab && act(tab, own.of('act'))
    if (done) trace(`${tab.name}: ${done}`, done)
    await wait(tripMs * (own.pick([0, 0.1, 0.5, 1, 3]) ?? 0))
  }
}

/** Mends all lines and waits until there is nothing more to find fault with, or too long. */
async function comeToRest(
  tabs: readonly Tab[],
  restMs: number,
  fits: (tab: Tab) => boolean,
  verdict: () => Promise<readonly string[]>,
) {
  const until = performance.now() + restMs
  for (;;) {
    for (const tab of tabs) tab.join()
    const restless = tabs.filter((tab) => !fits(tab)).map(({ name }) => `${name} does not come to rest`)
    const faults = restless.length > 0 ? restless : await verdict()
    if (faults.length === 0 || performance.now() > until) return faults
    await wait(LOOK_MS)
  }
}

/**
 * What nobody can see is a loss behind the last event of a line that lives. Another event shows it, and so
 * does the end of the line.
 */
function showLosses(tabs: readonly Tab[], kind: Kind, dice: Dice): void {
  if (kind === 'gaps' || dice.chance(0.5)) dice.pick(tabs)?.say('the last word')
  else for (const { line } of tabs) line.cut()
}

/** Joined, and everything that was said has been sent. */
function isReady({ line, isOnline, session }: Tab): boolean {
  return !line.isHolding && isOnline && session?.state.get().pending.length === 0
}

/** Nothing is under way that a client knows of. */
function isAtRest(tab: Tab): boolean {
  const state = tab.session?.state.get()
  return isReady(tab) && state?.need === null && state.messages.every(hasEnded)
}
