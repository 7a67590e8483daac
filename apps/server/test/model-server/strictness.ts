import { type Behaviour, chat, say } from './behaviour.ts'

/** Refuses prompts whose roles do not alternate, as many chat templates do. */
export function insistOnAlternating(then: Behaviour = say('Fine.')): Behaviour {
  return chat('insistOnAlternating', (exchange) => {
    const roles = exchange.request.body.messages.map(({ role }) => role).filter((role) => role !== 'system')
    const wrong = roles.some((role, i) => role === roles[i - 1])
    if (!wrong && roles.at(-1) === 'user') return then.answer(exchange)
    exchange.json(400, { error: { message: 'Conversation roles must alternate user/assistant', code: null } })
  })
}

/** How a server words its refusal of a parameter. */
export type RefusalShape = 'openai' | 'text' | 'fastapi' | 'message'

/** Refuses requests that hold one of the parameters; answers others. */
export function refuseParameters(
  names: readonly string[],
  shape: RefusalShape = 'openai',
  then: Behaviour = say('Fine.'),
): Behaviour {
  return chat(`refuse ${names.join(' and ')}`, (exchange) => {
    const name = names.find((candidate) => candidate in exchange.request.body)
    if (name === undefined) return then.answer(exchange)
    exchange.json(shape === 'fastapi' ? 422 : 400, refusalOf(name, shape))
  })
}

/** Decides about every text, or answers something else. */
export function moderate(outcome: 'pass' | 'flag' | 'malformed' | 'no json' | 'hang' | number): Behaviour {
  return {
    name: `moderate ${outcome}`,
    route: 'moderation',
    answer(exchange) {
      if (outcome === 'hang') return exchange.untilLeft()
      if (typeof outcome === 'number') exchange.json(outcome, { error: { message: 'no' } })
      else if (outcome === 'malformed') exchange.json(200, { id: 'modr-test', results: [] })
      else if (outcome === 'no json') exchange.json(200, 'welcome', { 'content-type': 'text/html' })
      else exchange.json(200, { id: 'modr-test', model: 'test', results: [{ flagged: outcome === 'flag' }] })
    },
  }
}

function refusalOf(name: string, shape: RefusalShape): unknown {
  if (shape === 'fastapi') return { detail: [{ type: 'extra_forbidden', loc: ['body', name] }] }
  if (shape === 'message') return { object: 'error', message: `Unknown field: ${name}`, code: 400 }
  if (shape === 'text') return { error: `Unrecognized request argument supplied: ${name}` }
  const other = name === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
  const message = `Unsupported parameter: '${name}' is not supported with this model. Use '${other}' instead.`
  return { error: { message, type: 'invalid_request_error', param: name, code: 'unsupported_parameter' } }
}
