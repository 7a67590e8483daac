// A chat in the terminal: `pnpm chat`, or `pnpm chat bruna`. PARLEY_URL names another server.
import { createInterface } from 'node:readline/promises'
import { type ChatSession, createChatClient, guestCredentials } from '@parley/client'

const url = process.env.PARLEY_URL || 'http://localhost:3000'
const chat = createChatClient({ url, credentials: guestCredentials(url) })
chat.connection.subscribe(() => chat.connection.get().status === 'offline' && end(`${url} does not answer.`))

console.log(`Connecting to ${url} …`)
const session = await chat.join({ personaId: process.argv[2] ?? 'wren' }).catch((error) => end(error.message))
console.log(`\n${session.persona.name}: ${session.persona.greeting}`)

const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '\n> ' })
terminal.on('SIGINT', end)
terminal.prompt()
for await (const line of terminal) {
  await answer(session, line).catch((error) => console.error(error.message))
  terminal.prompt()
}
end()

async function answer(session: ChatSession, line: string) {
  const message = await session.send(line)
  for await (const piece of session.replyTo(message)) process.stdout.write(piece)
  process.stdout.write('\n')
}

function end(reason?: string): never {
  if (reason) console.error(reason)
  process.exit(reason ? 1 : 0)
}
