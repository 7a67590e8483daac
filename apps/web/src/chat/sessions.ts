import { createStore, type Store } from '@parley/client'
import { routes, type Session } from '@parley/protocol'

/** The person's conversations, newest first. */
export interface Sessions extends Store<readonly Session[]> {
  /** Takes in what was heard of a session. */
  put(session: Session): void
  /** Reads the list of the server. @throws {Error} */
  load(): Promise<void>
}

/** Makes an empty list. */
export function createSessions(): Sessions {
  const store = createStore<readonly Session[]>([])
  const put = (...heard: readonly Session[]) => store.set(withSessions(store.get(), heard))
  return {
    get: store.get,
    subscribe: store.subscribe,
    put,
    load: async () => {
      const answer = await fetch(routes.sessions.path)
      if (!answer.ok) throw new Error(`The conversations could not be read: ${answer.status}`)
      put(...routes.sessions.response.parse(await answer.json()))
    },
  }
}

/** The list with what was heard: of each session the newest revision stays; newest session first. */
export function withSessions(list: readonly Session[], heard: readonly Session[]): readonly Session[] {
  const sessions = new Map(list.map((session) => [session.id, session]))
  let isChanged = false
  for (const session of heard) {
    const held = sessions.get(session.id)
    if (held && (held.revision > session.revision || JSON.stringify(held) === JSON.stringify(session)))
      continue
    sessions.set(session.id, session)
    isChanged = true
  }
  if (!isChanged) return list
  return [...sessions.values()].sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt))
}
