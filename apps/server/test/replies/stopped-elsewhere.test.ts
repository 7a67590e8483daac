import type { Change, Message } from '@parley/protocol'
import { expect, it } from 'vitest'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { idle, saidHalf, useNodes } from './nodes.ts'
import { dataOf, openTalk, type Talk } from './talk.ts'
import { until } from './until.ts'

const SHOWN = 'The old half, shown and not saved'

/** Has the message anew that the live reply answers; resolves with the reply that is begun instead. */
const branches = {
  'chat:edit': async ({ ask, sessionId, joined }: Talk) =>
    begun(dataOf(await ask('chat:edit', { sessionId, messageId: saidIn(joined), content: 'Instead' }))),
  'chat:regenerate': async ({ ask, sessionId, joined }: Talk) =>
    begun(dataOf(await ask('chat:regenerate', { sessionId, messageId: saidIn(joined) }))),
}

const begun = ({ change }: { change: Change }) => change.session.activeLeafId ?? ''
const saidIn = ({ messages }: Talk['joined']) => messages[1]?.id ?? ''

/** A reply of another branch as the database has it: it is shown again for that. */
async function stored(url: string, { userId }: Talk, replyId: string): Promise<Message | undefined> {
  const later = await openTalk(url, { userId })
  const { sessionId } = later
  const { messages } = dataOf(await later.ask('chat:select', { sessionId, messageId: replyId }))
  later.close()
  return messages.at(-1)
}

describeWithPostgres('[R6] a reply that is ended on a node that does not write it', (postgres) => {
  const nodes = useNodes(postgres)
  describeWithRedis('by way of the broker', (redis) => {
    /** A reply of which everybody was shown more than the database has. */
    async function shownMore() {
      const staged = await nodes.stage({ REDIS_URL: redis.url }, idle)
      const half = await saidHalf(staged.first, staged.second, staged.model)
      const other = await openTalk(staged.second.url, { userId: half.owner.userId })
      staged.line.cut()
      half.answer.say(', shown and not saved')
      await half.owner.heard(half.replyId, SHOWN)
      await until(() => other.text(half.replyId, 'The old half') === SHOWN)
      return { ...staged, ...half, other }
    }

    it.for(['chat:edit', 'chat:regenerate'] as const)(
      'by %s: keeps all that was shown, in every tab and in the database',
      async (event) => {
        const { first, second, line, hand, owner, other, replyId, answer } = await shownMore()
        const anew = await branches[event](other)
        line.mend()
        expect(await answer.request.ended).toBe('left')
        const next = await hand.next()
        next.say('Anew.')
        next.finish()
        // Nobody crashed, so nothing that anybody saw is gone.
        const row = { id: replyId, status: 'stopped', content: SHOWN }
        for (const tab of [owner, other]) {
          await tab.end(anew)
          await until(() => tab.turns().some(({ change }) => change.messages[0]?.content === SHOWN))
          expect(tab.turns().at(-1)?.change.messages).toMatchObject([row])
        }
        for (const node of [first, second]) expect(await stored(node.url, owner, replyId)).toMatchObject(row)
        for (const talk of [owner, other]) talk.close()
      },
    )

    it('by chat:stop: ends with all that was shown, in every tab and in the database', async () => {
      const { line, owner, other, replyId, answer } = await shownMore()
      const asked = other.ask('chat:stop', { sessionId: other.sessionId, replyId })
      line.mend()
      const row = dataOf(await asked)
      expect(row).toMatchObject({ status: 'stopped', content: SHOWN })
      expect(await answer.request.ended).toBe('left')
      for (const one of [owner, other]) {
        expect(await one.end(replyId)).toMatchObject({ status: 'stopped', content: SHOWN })
        expect(one.text(replyId, one === other ? 'The old half' : '')).toBe(SHOWN)
        expect(await one.rows()).toContainEqual(row)
        expect(one.responses()).toHaveLength(1)
        one.close()
      }
    })
  })
})
