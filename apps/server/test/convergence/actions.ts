import type { Message } from '@parley/protocol'
import type { Dice } from './dice.ts'
import type { Tab } from './tab.ts'

/** What a person does in a tab; each returns false if it is not possible now. */
const ACTIONS = {
  send: (tab, dice) => {
    tab.say(wordsOf(dice))
    // Two quick ones.
    if (dice.chance(0.3)) tab.say(wordsOf(dice))
    return tab.session !== null
  },
  stop: (tab) => {
    if (!tab.session?.state.get().messages.some(({ status }) => status === 'live')) return false
    tab.request(tab.session.stop())
    return true
  },
  regenerate: (tab, dice) => {
    const replies = shown(tab).filter(({ sender, parentId }) => sender === 'ai' && parentId !== null)
    const reply = dice.pick(mostlyLast(replies, dice))
    if (!tab.session || !reply) return false
    tab.request(tab.session.regenerate(reply.id))
    return true
  },
  edit: (tab, dice) => {
    const message = dice.pick(
      shown(tab)
        .filter(({ sender }) => sender === 'user')
        .slice(-3),
    )
    if (!message) return false
    tab.say(wordsOf(dice), message.id)
    return true
  },
  select: (tab, dice) => {
    const others = shown(tab).flatMap(({ id, siblingIds }) => siblingIds.filter((other) => other !== id))
    const other = dice.pick(others)
    if (!tab.session || other === undefined) return false
    tab.request(tab.session.select(other))
    return true
  },
  'load older': (tab) => {
    if (!tab.session?.state.get().hasMore) return false
    tab.request(tab.session.loadOlder())
    return true
  },
  leave: (tab) => {
    tab.leave()
    return true
  },
  join: (tab) => {
    if (tab.session) return false
    tab.join()
    return true
  },
  'leave and join': (tab) => {
    tab.leave()
    tab.join()
    return true
  },
  reload: (tab) => {
    tab.reload()
    return true
  },
  'go offline': (tab) => {
    tab.goOffline()
    return true
  },
  'go online': (tab) => {
    tab.goOnline()
    return true
  },
  cut: (tab) => {
    tab.line.cut()
    return true
  },
} as const satisfies Readonly<Record<string, (tab: Tab, dice: Dice) => boolean>>

/** What a person can do. */
export type ActionName = keyof typeof ACTIONS

/** How often each is done. */
const WEIGHTS: ReadonlyMap<ActionName, number> = new Map([
  ['send', 10],
  ['stop', 4],
  ['regenerate', 4],
  ['edit', 4],
  ['select', 6],
  ['load older', 3],
  ['leave', 1],
  ['join', 2],
  ['leave and join', 1],
  ['reload', 2],
  ['go offline', 1],
  ['go online', 2],
  ['cut', 2],
])

/** Everything that a person can do. */
export const actionNames: readonly ActionName[] = [...WEIGHTS.keys()]

/** How often something else is tried instead of what is not possible. */
const TRIES = 4

/** Does one thing that the dice choose. Returns its name, or null if nothing that they chose was possible. */
export function act(tab: Tab, dice: Dice): ActionName | null {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const own = dice.of(`${attempt}`)
    const name = own.weighted(WEIGHTS)
    if (ACTIONS[name](tab, own.of('how'))) return name
  }
  return null
}

const shown = (tab: Tab) => tab.session?.state.get().messages ?? []

const mostlyLast = (messages: readonly Message[], dice: Dice) =>
  dice.chance(0.7) ? messages.slice(-3) : messages

const wordsOf = (dice: Dice) => dice.pick(['hello', 'why?\nsay', '😀😀', '漢字', 'y'.repeat(300)]) ?? ''
