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
    if (!this.#upgraded) {
      const end = this.#held.indexOf('\r\n\r\n')
      if (end < 0) return done()
      this.#upgraded = true
      this.push(this.#take(end + 4))
    }
    for (let frame = this.#next(); frame; frame = this.#next()) {
      const isText = ((frame.bytes[0] ?? 0) & 0x0f) === 1
      if (!isText || this.#passes(frame.bytes.toString('utf8', frame.header))) this.push(frame.bytes)
    }
    done()
  }

  #next(): { readonly bytes: Buffer; readonly header: number } | null {
    if (this.#held.length < 2) return null
    const short = (this.#held[1] ?? 0) & 0x7f
    const header = short < 126 ? 2 : short === 126 ? 4 : 10
    if (this.#held.length < header) return null
    const length =
      short < 126 ? short : short === 126 ? this.#held.readUInt16BE(2) : Number(this.#held.readBigUInt64BE(2))
    if (this.#held.length < header + length) return null
    return { bytes: this.#take(header + length), header }
  }

  #take(length: number): Buffer {
    const taken = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(length)
    return taken
  }
}
