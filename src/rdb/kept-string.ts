/**
 * A string in memory of its own, which the next one overwrites: for what is read before its value.
 */
import { copyBytes } from '../arena/bytes.ts'

const INITIAL_BYTES = 256
/** Larger memory is let go when a short string follows. */
const KEPT_BYTES = 1024 * 1024

export class KeptString {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES)
  view: DataView = new DataView(this.bytes.buffer)
  length = 0

  keep(bytes: Uint8Array, view: DataView, start: number, length: number): void {
    if (length > this.bytes.length) this.resize(length)
    else if (this.bytes.length > KEPT_BYTES && length <= INITIAL_BYTES) this.resize(INITIAL_BYTES)
    copyBytes(bytes, view, start, this.bytes, this.view, 0, length)
    this.length = length
  }

  private resize(bytes: number): void {
    this.bytes = new Uint8Array(bytes)
    this.view = new DataView(this.bytes.buffer)
  }
}
