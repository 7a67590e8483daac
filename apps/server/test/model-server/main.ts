import { type Behaviour, echo, say } from './behaviour.ts'
import * as bad from './misbehaviour.ts'
import { startModelServer } from './server.ts'
import { insistOnAlternating, moderate } from './strictness.ts'

const text = 'Of course. Here is an answer that takes a while, so that there is something to look at.'

/** What a person can ask for on the command line. */
const behaviours: Readonly<Record<string, () => Behaviour>> = {
  echo: () => echo({ delayMs: 40 }),
  'echo-now': () => echo(),
  say: () => say(text, { delayMs: 40 }),
  '401': () => bad.rejectKey(),
  '429': () => bad.refuse(429, { 'retry-after': '2' }),
  '500': () => bad.refuse(500),
  hang: () => bad.hang(),
  'hang-middle': () => bad.hangAfter('Let me ', 'think'),
  cut: () => bad.cutAfter('Let me ', 'think'),
  reasoning: () => bad.reasonFirst('They want something.', text),
  refusal: () => bad.refusal('I will not ', 'say that.'),
  error: () => bad.errorInside('error', 'nothing', 'Let me '),
  length: () => say(text, { delayMs: 40, finish: 'length' }),
  'content-filter': () => say(text, { delayMs: 40, finish: 'content_filter' }),
  alternating: () => insistOnAlternating(),
  flag: () => moderate('flag'),
}

const [name = 'echo', port = '0'] = process.argv.slice(2)
const behaviour = behaviours[name]
if (behaviour === undefined) {
  process.stderr.write(`Unknown behaviour ${name}. Known: ${Object.keys(behaviours).join(', ')}\n`)
  process.exitCode = 1
} else {
  const server = await startModelServer(Number(port))
  server.behave(behaviour())
  process.stdout.write(`${server.url}\n`)
}
