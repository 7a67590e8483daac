// Preloaded into a server: SIGUSR2 makes it clear away what nobody needs and say what it still holds.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const clear = runInNewContext('gc')
process.on('SIGUSR2', () => {
  clear()
  setImmediate(() => {
    clear()
    const { rss, heapUsed, external } = process.memoryUsage()
    process.stderr.write(`memory ${JSON.stringify({ rss, heapUsed, external })}\n`)
  })
})
