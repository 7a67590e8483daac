import { describe, expect, it } from 'vitest'
import { type RefusalShape, refuseParameters } from '../model-server/strictness.ts'
import { listenTo } from './parts.ts'
import { setStage } from './stage.ts'

const shapes: readonly RefusalShape[] = ['openai', 'text', 'fastapi', 'message']

type Stage = Awaited<ReturnType<typeof setStage>>

/** Which of the parameters each request carried. */
function sent({ server }: Stage): string[][] {
  const names = ['max_completion_tokens', 'max_tokens', 'stream_options']
  return server.requests.map(({ body }) => names.filter((name) => name in body))
}

describe('parameters that not every server knows', () => {
  it.each(shapes)('max_completion_tokens refused (%s): max_tokens from then on', async (shape) => {
    const stage = await setStage()
    stage.server.behave(refuseParameters(['max_completion_tokens'], shape))
    const model = stage.newModel()
    for (let i = 0; i < 2; i++) expect(await listenTo(model)).toMatchObject({ text: 'Fine.' })
    expect(sent(stage)).toEqual([
      ['max_completion_tokens', 'stream_options'],
      ['max_tokens', 'stream_options'],
      ['max_tokens', 'stream_options'],
    ])
  })

  it('max_tokens refused later, as by another model behind the same name: back again', async () => {
    const stage = await setStage()
    const model = stage.newModel()
    stage.server.behave(refuseParameters(['max_completion_tokens']))
    await listenTo(model)
    stage.server.behave(refuseParameters(['max_tokens']))
    for (let i = 0; i < 2; i++) expect(await listenTo(model)).toMatchObject({ text: 'Fine.' })
    expect(sent(stage).map(([cap]) => cap)).toEqual([
      'max_completion_tokens',
      'max_tokens',
      'max_tokens',
      'max_completion_tokens',
      'max_completion_tokens',
    ])
  })

  it.each(shapes)('stream_options refused (%s): done without, and without usage', async (shape) => {
    const stage = await setStage()
    stage.server.behave(refuseParameters(['stream_options'], shape))
    const model = stage.newModel()
    for (let i = 0; i < 2; i++) {
      expect(await listenTo(model)).toMatchObject({ text: 'Fine.', end: { reason: 'stop', usage: null } })
    }
    expect(sent(stage).map((names) => names.includes('stream_options'))).toEqual([true, false, false])
  })

  it('a server that knows none of them is spoken to without', async () => {
    const stage = await setStage()
    stage.server.behave(
      refuseParameters(['max_completion_tokens', 'max_tokens', 'stream_options'], 'fastapi'),
    )
    expect(await listenTo(stage.newModel())).toMatchObject({ text: 'Fine.', end: { reason: 'stop' } })
    expect(sent(stage).at(-1)).toEqual([])
  })

  it('a server that names them whatever is sent is not asked for ever', async () => {
    const stage = await setStage()
    stage.server.behave(refuseParameters(['model'], 'text'))
    stage.server.behave({
      name: 'always',
      route: 'chat',
      answer: ({ json }) => json(400, { error: 'stream_options, max_tokens, max_completion_tokens' }),
    })
    expect(await listenTo(stage.newModel())).toMatchObject({ fault: { code: 'AI_UNAVAILABLE' } })
    expect(sent(stage)).toEqual([
      ['max_completion_tokens', 'stream_options'],
      ['max_completion_tokens'],
      ['max_tokens'],
      [],
    ])
  })
})
