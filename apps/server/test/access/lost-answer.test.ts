import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StorageUnavailable, type Store } from '../../src/chat/ports.ts'
import { type Assembled, assemble } from './assembled.ts'
import { must, openSession } from './opened.ts'

/** A store whose next commit takes effect, but whose answer does not come back. */
function losing(store: Store, lose: { next: boolean }): Store {
  return {
    ...store,
    commitTurn: async (turn) => {
      const result = await store.commitTurn(turn)
      if (!lose.next) return result
      lose.next = false
      throw new StorageUnavailable('the answer was lost')
    },
  }
}

describe('[M1][M2] a commit whose answer is lost', () => {
  const lose = { next: false }
  let parley: Assembled
  beforeAll(async () => {
    parley = await assemble({ store: (store) => losing(store, lose) })
  })
  afterAll(() => parley.remove())

  it('is a retryable failure; the repeat finds the turn, and its reply is written once', async () => {
    const person = await openSession(parley.url, 'unlucky')
    const other = await openSession(parley.url, 'unlucky', { sessionId: person.sessionId })
    const message = { sessionId: person.sessionId, content: 'Are you there?', clientMessageId: 'lost-1' }
    lose.next = true
    expect(await person.ask('chat:message', message)).toMatchObject({
      ok: false,
      error: { error: 'STORAGE_UNAVAILABLE', clientMessageId: 'lost-1' },
    })
    expect(await must(person, 'chat:message', message)).toMatchObject({ duplicate: true })
    expect(await other.next('chat:message')).toMatchObject({ sessionId: person.sessionId })
    const response = await person.next('chat:response')
    expect(response).toMatchObject({ status: 'complete', content: expect.stringContaining('Are you there?') })

    expect(await must(person, 'chat:message', message)).toMatchObject({ duplicate: true })
    expect(parley.model.requests).toHaveLength(1)
  })
})
