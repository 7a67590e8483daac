import { Transform, type TransformCallback } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** Bytes that pass at once, and the milliseconds between them: about 1 KB/s. */
const SLICE_BYTES = 100
const SLICE_MS = 100

/**
 * A way that is slow while `isSlow` says so. It takes in nothing that it cannot pass on, so the buffers of
 * the system before it fill, and then those of whoever sends.
 */
export class Throttle extends Transform {
  readonly #isSlow: () => boolean

  constructor(isSlow: () => boolean) {
    super({ highWaterMark: SLICE_BYTES })
    this.#isSlow = isSlow
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#pass(chunk).then(() => done(), done)
  }

  async #pass(chunk: Buffer): Promise<void> {
    let at = 0
    for (; at < chunk.length && this.#isSlow(); at += SLICE_BYTES) {
      this.push(chunk.subarray(at, at + SLICE_BYTES))
      await sleep(SLICE_MS, undefined, { ref: false })
    }
    if (at < chunk.length) this.push(chunk.subarray(at))
  }
}
