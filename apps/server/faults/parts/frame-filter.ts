import { Transform, type TransformCallback } from 'node:stream'

/**
 * A way for what a WebSocket server sends, frame by frame (RFC 6455, section 5.2): text frames that do
 * not pass are left out, as if they had been lost. Frames of a server are not masked.
 */
export class FrameFilter extends Transform {
  readonly #passes: (text: string) => boolean
  #upgraded = false
  #held: Buffer = Buffer.alloc(0)

  constructor(passes: (text: string) => boolean) {
    super()
    this.#passes = passes
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#held = Buffer.concat([this.#held, chunk])
    if (!this.#upgraded) this.#passHead()
    if (this.#upgraded) this.#passFrames()
    done()
  }

  #passHead(): void {
    const end = this.#held.indexOf('\r\n\r\n')
    if (end < 0) return
    this.#upgraded = true
    this.push(this.#take(end + 4))
  }

  #passFrames(): void {
    for (let frame = this.#next(); frame; frame = this.#next()) {
      const isText = ((frame.bytes[0] ?? 0) & 0x0f) === 1
      if (!isText || this.#passes(frame.bytes.toString('utf8', frame.header))) this.push(frame.bytes)
    }
  }

  /** The next whole frame, and where its payload begins. */
  #next(): { readonly bytes: Buffer; readonly header: number } | null {
    const size = this.#held.length < 2 ? null : this.#size((this.#held[1] ?? 0) & 0x7f)
    if (size === null || this.#held.length < size.header + size.payload) return null
    return { bytes: this.#take(size.header + size.payload), header: size.header }
  }

  /** Lengths of 126 and 127 say that the real one follows in 2 or 8 bytes. */
  #size(short: number): { readonly header: number; readonly payload: number } | null {
    if (short < 126) return { header: 2, payload: short }
    const header = short === 126 ? 4 : 10
    if (this.#held.length < header) return null
    const payload = short === 126 ? this.#held.readUInt16BE(2) : Number(this.#held.readBigUInt64BE(2))
    return { header, payload }
  }

  #take(length: number): Buffer {
    const taken = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(length)
    return taken
  }
}
