import type { Message } from '@parley/protocol'

/** A message and how it is set among its neighbours. */
export interface Row {
  readonly message: Message
  /** The message before it is somebody else's, or of another day: the name is shown. */
  readonly startsGroup: boolean
  /** The first of its day. */
  readonly startsDay: boolean
}

/** Sets messages, oldest first, into groups of one speaker and one day. */
export function rowsOf(messages: readonly Message[]): readonly Row[] {
  return messages.map((message, index) => {
    const before = messages[index - 1]
    const startsDay = !before || dayOf(before) !== dayOf(message)
    return { message, startsDay, startsGroup: startsDay || before.sender !== message.sender }
  })
}

function dayOf(message: Message): string {
  return new Date(message.createdAt).toDateString()
}
