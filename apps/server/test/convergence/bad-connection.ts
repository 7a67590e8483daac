import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { type RawData, WebSocket } from 'ws'
import type { Fate, Way, Weather } from './weather.ts'

/** What one connection through the proxy is made of. */
export interface ConnectionParts {
  /** Which one it is, from 1. */
  readonly number: number
  /** Towards the client. */
  readonly near: WebSocket
  readonly nearRaw: Duplex
  /** Address of the server. */
  readonly url: string
  readonly weather: Weather
  readonly trace: (line: string, fate: Fate['kind']) => void
  readonly onEnd: () => void
}

/** One client's WebSocket and the one to the server behind it. Takes each text frame as a whole. */
export class Connection {
  readonly #parts: ConnectionParts
  readonly #far: WebSocket
  #farRaw: Duplex | null = null
  readonly #opened: Promise<void>
  /** The frames of each way that were given on, or wait for those before them. */
  readonly #tails: Record<Way, Promise<void>>
  readonly #counts: Record<Way, number> = { up: 0, down: 0 }
  readonly #silent = new Set<Way>()
  #held = 0
  #over = false

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    const far = new WebSocket(parts.url, { perMessageDeflate: false })
    this.#far = far
    far.once('upgrade', ({ socket }) => {
      this.#farRaw = socket
    })
    this.#opened = new Promise((resolve) => {
      far.once('open', resolve)
      far.once('close', () => resolve())
    })
    this.#tails = { up: this.#opened, down: Promise.resolve() }
    parts.near.on('message', (data) => this.#take('up', textOf(data)))
    far.on('message', (data) => this.#take('down', textOf(data)))
    for (const socket of [parts.near, far]) socket.on('error', () => undefined)
    parts.near.once('close', () => void this.#leave())
    far.once('close', () => void this.#tails.down.then(() => this.cut()))
  }

  /** Whether frames are held back that will still arrive. */
  get isHolding(): boolean {
    return this.#held > 0
  }

  /** Whether nothing more comes through on one of its ways. */
  get isSilent(): boolean {
    return this.#silent.size > 0
  }

  /** Tears both sides, and with them what is still on its way. */
  cut(): void {
    if (this.#over) return
    this.#over = true
    this.#parts.near.terminate()
    this.#far.terminate()
    this.#parts.onEnd()
  }

  /** The client has gone; what it had sent may arrive all the same. */
  async #leave(): Promise<void> {
    if (this.#parts.weather.outlives(this.#parts.number)) {
      while (this.isHolding && !this.isSilent) await wait(5)
    }
    this.cut()
  }

  #take(way: Way, frame: string): void {
    const { weather, number } = this.#parts
    const fate = weather.fate(number, way, ++this.#counts[way], frame)
    if (fate.kind !== 'pass') this.#tell(way, frame, fate)
    switch (fate.kind) {
      case 'drop':
        break
      case 'late':
        void this.#overtaken(way, frame, fate.ms)
        break
      case 'repeat':
        this.#queue(way, frame)
        void this.#overtaken(way, frame, fate.ms)
        break
      case 'silence':
        this.#silent.add(way)
        void wait(fate.ms).then(() => this.cut())
        break
      case 'cut':
        void this.#tails[way].then(() => this.#cutAt(way, frame, fate.where))
        break
      default:
        this.#queue(way, frame, fate.kind === 'slow' ? fate.ms : 0)
    }
  }

  /** Gives a frame on behind those before it, so much later. */
  #queue(way: Way, frame: string, ms = 0): void {
    this.#held++
    this.#tails[way] = this.#tails[way]
      .then(() => (ms > 0 ? wait(ms) : undefined))
      .then(() => this.#give(way, frame))
      .finally(() => this.#held--)
  }

  async #overtaken(way: Way, frame: string, ms: number): Promise<void> {
    this.#held++
    await Promise.all([wait(ms), way === 'up' && this.#opened])
    this.#give(way, frame)
    this.#held--
  }

  #give(way: Way, frame: string): void {
    if (this.#silent.has(way)) return
    const to = way === 'up' ? this.#far : this.#parts.near
    if (to.readyState === WebSocket.OPEN) to.send(frame)
  }

  #cutAt(way: Way, frame: string, where: 'before' | 'behind' | 'within'): void {
    const raw = way === 'up' ? this.#farRaw : this.#parts.nearRaw
    if (where === 'behind') this.#give(way, frame)
    this.#silent.add(way)
    const bytes = where === 'within' ? halfFrame(frame, way === 'up') : ''
    // What was given on has to leave before the connection is torn.
    if (where !== 'before' && raw && !this.#over) raw.write(bytes, () => this.cut())
    else this.cut()
  }

  #tell(way: Way, frame: string, fate: Fate): void {
    const { trace, number } = this.#parts
    trace(`${number} ${way} ${JSON.stringify(fate)} ${frame.slice(0, 160)}`, fate.kind)
  }
}

/** The first half of a WebSocket text frame; a client's has a mask, here of zeros. */
function halfFrame(text: string, masked: boolean): Buffer {
  const payload = Buffer.from(text)
  const header = Buffer.alloc(10)
  header[0] = 0x81
  header[1] = 127 | (masked ? 0x80 : 0)
  header.writeBigUInt64BE(BigInt(payload.length), 2)
  const mask = Buffer.alloc(masked ? 4 : 0)
  return Buffer.concat([header, mask, payload.subarray(0, payload.length / 2)])
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString('utf8')
}
