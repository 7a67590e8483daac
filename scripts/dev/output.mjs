// What `pnpm dev` shows: everything that the page's and the server's own tools say, without turbo's
// bookkeeping, and one line to click once both are up.

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are told by a control character.
const COLOURS = /\u001b\[[\d;]*m/g
const NOISE = [
  /^\s*• /,
  /^cache (bypass|miss|hit)/,
  /^\$ /,
  /^\s*VITE v/,
  /^\s*➜ {2}(Network|press)/,
  /^\s*(\.\.\.)?Finishing writing to cache/,
  /^\s*Shutting down Turborepo tasks/,
  /^\s*(Tasks|Cached|Time|Failed):\s/,
  /^\[ELIFECYCLE\]/,
]
const PAGE = /^\s*➜ {2}Local:\s+(\S+?)\/?$/
const SERVER = /^Parley is ready at (\S+) \((.*)\)$/

/**
 * Makes a function that takes the lines one by one.
 *
 * @param {(text: string) => void} write Where what is left goes.
 * @param {boolean} coloured
 */
export function createOutput(write, coloured) {
  let page = null
  let server = null
  let wasEmpty = true

  const announce = () => {
    if (page === null || server === null) return
    const [start, end] = coloured ? ['\u001b[1;36m', '\u001b[0m'] : ['', '']
    write(`\n  Parley is ready. Open ${start}${page}${end}\n\n`)
    wasEmpty = true
  }

  return (line) => {
    const plain = line.replace(COLOURS, '').trimEnd()
    const pageFound = PAGE.exec(plain)
    const serverFound = SERVER.exec(plain)
    if (pageFound) {
      page = pageFound[1]
      announce()
    } else if (serverFound) {
      server = serverFound[1]
      write(`server on port ${new URL(server).port} (${serverFound[2]})\n`)
      announce()
    } else if (!NOISE.some((pattern) => pattern.test(plain)) && !(plain === '' && wasEmpty)) {
      write(`${line}\n`)
      wasEmpty = plain === ''
    }
  }
}
