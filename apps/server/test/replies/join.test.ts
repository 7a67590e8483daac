import { describe, expect, it } from 'vitest'
import { sayPieces } from './by-hand.ts'
import { useStage } from './stage.ts'
import { dataOf, nobodyYet, rowOf } from './talk.ts'

const stage = useStage()

describe('[J1] a join in the middle of a reply', () => {
  it('the snapshot’s page holds the live reply as an empty row', async () => {
    const { model, open } = stage()
    const talk = await open()
    model.behave(sayPieces(['a '.repeat(5), 'b'], 400))
    const replyId = await talk.say('Go')
    const { joined } = await open({ userId: talk.userId })
    expect(joined.messages.at(-1)).toMatchObject({ id: replyId, status: 'live', content: '' })
    expect(joined.live).toMatchObject({ replyId, epoch: 1 })
    await talk.end(replyId)
  })
})

describe('case d2: two sessions stream at once', () => {
  it('no token of one reaches the other, nor anybody else', async () => {
    const { model, open } = stage()
    const userId = nobodyYet()
    const talks = await Promise.all([open({ userId }), open({ userId, fresh: true }), open(), open()])
    // Each person hears an echo of a word that only they said.
    const words = talks.map((_, index) => `${index}`.repeat(8))
    model.behave(echoSlowly())
    const ids = await Promise.all(talks.map((talk, index) => talk.say(words[index] ?? '')))
    for (const [index, talk] of talks.entries()) {
      const end = await talk.end(ids[index] ?? '')
      expect(end.content).toBe(`${words[index]} `.repeat(30))
      expect(talk.text(end.id)).toBe(end.content)
    }
    for (const [index, talk] of talks.entries()) {
      await talk.rows()
      const others = words.filter((word) => word !== words[index])
      // The person's own tabs are told of each other's titles, and of nothing else.
      const heard = JSON.stringify(talk.plain.frames.filter(({ event }) => event !== 'chat:session'))
      for (const word of others) expect(heard).not.toContain(word)
    }
  })
})

function echoSlowly() {
  const behaviour = sayPieces([])
  return {
    ...behaviour,
    answer: (exchange: Parameters<typeof behaviour.answer>[0]) => {
      const word = exchange.request.body.messages.at(-1)?.content ?? ''
      return sayPieces(Array<string>(30).fill(`${word} `), 4).answer(exchange)
    },
  }
}

describe('[J1] sessions', () => {
  it('a plain join opens the newest one; fresh begins another, once for one request id', async () => {
    const { open } = stage()
    const first = await open()
    const join = async (more: object) => dataOf(await first.ask('chat:join', { personaId: 'wren', ...more }))
    expect(first.joined).toMatchObject({ created: true, session: { title: null, revision: 1 } })
    expect(await join({})).toMatchObject({ created: false, session: { id: first.sessionId } })
    const fresh = await join({ fresh: true, clientRequestId: 'f-1' })
    expect(fresh.created).toBe(true)
    expect(fresh.session.id).not.toBe(first.sessionId)
    expect(fresh.messages).toMatchObject([{ sender: 'ai', seq: 1, content: fresh.persona.greeting }])
    const again = await join({ fresh: true, clientRequestId: 'f-1' })
    expect(again).toMatchObject({ created: false, session: { id: fresh.session.id } })
    expect((await join({})).session.id).toBe(fresh.session.id)
    const old = await join({ sessionId: first.sessionId })
    expect(old.session.id).toBe(first.sessionId)
  })

  it('the first message gives the title, once; all tabs of the person are told, nobody else', async () => {
    const { open } = stage()
    const userId = nobodyYet()
    const [talk, elsewhere, stranger] = [
      await open({ userId }),
      await open({ userId, personaId: 'oriel' }),
      await open(),
    ]
    const told = () => elsewhere.sessions().filter(({ id }) => id === talk.sessionId)
    await talk.end(await talk.say(`  About ${'😀'.repeat(80)}\nand more`))
    await talk.end(await talk.say('Something else'))
    await elsewhere.rows()
    await stranger.rows()
    const title = `About ${'😀'.repeat(54)}…`
    expect(told().map((session) => session.title)).toEqual([title])
    expect(stranger.sessions()).toHaveLength(1)
    const { session } = dataOf(await talk.ask('chat:join', { personaId: 'wren' }))
    expect(session.title).toBe(title)
  })

  it('after chat:leave a socket hears nothing more of the session, and can come back', async () => {
    const { open } = stage()
    const userId = nobodyYet()
    const [talk, other] = [await open({ userId }), await open({ userId })]
    await other.end(await talk.say('Hello'))
    dataOf(await other.ask('chat:leave', { sessionId: other.sessionId }))
    const before = other.plain.frames.length
    const missed = await talk.say('Still here?')
    const end = await talk.end(missed)
    await other.rows()
    expect(other.plain.frames).toHaveLength(before)
    const back = dataOf(await other.ask('chat:join', { personaId: 'wren' }))
    expect(back.messages.at(-1)).toEqual(rowOf(end))
    await other.end(await talk.say('And now?'))
  })
})
