/**
 * Counts the replies in a stream of RESP2 or RESP3, wherever it is cut, without making an object.
 *
 * A reply is over when no element of it is missing: `missing` is 1 at its start, a header of an
 * aggregate of n adds n - 1, and every other element takes 1 away. Nesting needs no stack, as only
 * the end of the outermost matters. Attributes and out-of-band pushes (RESP3) are read over.
 */

const LF = 10
const MINUS = 45
const BIT_BULK = 1
const BIT_AGGREGATE = 2
const BIT_PAIRS = 4
const BIT_EXTRA = 8
const BIT_ERROR = 16

/** What follows the header of each type byte. */
const KINDS = new Uint8Array(256)
for (const [type, bits] of [
  ['$', BIT_BULK],
  ['=', BIT_BULK],
  ['!', BIT_BULK | BIT_ERROR],
  ['*', BIT_AGGREGATE],
  ['~', BIT_AGGREGATE],
  ['%', BIT_AGGREGATE | BIT_PAIRS],
  ['|', BIT_AGGREGATE | BIT_PAIRS | BIT_EXTRA],
  ['>', BIT_AGGREGATE | BIT_EXTRA],
  ['-', BIT_ERROR],
] as const) {
  KINDS[type.charCodeAt(0)] = bits
}

export class ReplyCounter {
  /** The text of the first error reply, without its type byte; null when there was none. */
  error: string | null = null
  private missing = 1
  /** Bytes of a bulk, its end of line included, that are still to come. */
  private bulkBytes = 0
  private isInLine = false
  private kind = 0
  private length = 0
  private isNegative = false
  private errorText: string[] | null = null

  /** Takes the next bytes of the stream. @returns how many replies end in them */
  count(bytes: Uint8Array, end: number): number {
    let replies = 0
    let at = 0
    while (at < end) {
      if (this.bulkBytes > 0) {
        const taken = Math.min(this.bulkBytes, end - at)
        if (this.errorText !== null) this.keepError(bytes, at, at + taken)
        at += taken
        this.bulkBytes -= taken
        if (this.bulkBytes > 0) return replies
        if (this.errorText !== null) this.endError()
        if (--this.missing === 0) {
          this.missing = 1
          replies++
        }
        continue
      }
      if (!this.isInLine) this.beginLine(bytes[at++]!)
      at = this.readLine(bytes, at, end)
      if (!this.isInLine && this.endLine()) replies++
    }
    return replies
  }

  private beginLine(type: number): void {
    this.isInLine = true
    this.kind = KINDS[type]!
    this.length = 0
    this.isNegative = false
    if ((this.kind & BIT_ERROR) !== 0 && this.error === null) this.errorText = []
  }

  /** Reads up to the end of the line or of the bytes. @returns where it stopped */
  private readLine(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    if ((this.kind & (BIT_BULK | BIT_AGGREGATE)) === 0) {
      while (at < end && bytes[at] !== LF) at++
      if (this.errorText !== null) this.keepError(bytes, start, at)
    } else {
      for (; at < end; at++) {
        const byte = bytes[at]!
        if (byte === LF) break
        if (byte === MINUS) this.isNegative = true
        else if (byte >= 48 && byte <= 57) this.length = this.length * 10 + byte - 48
      }
    }
    if (at === end) return end
    this.isInLine = false
    return at + 1
  }

  /** Goes by what the line announced. @returns whether a reply ended with it */
  private endLine(): boolean {
    const { kind } = this
    if ((kind & BIT_BULK) !== 0 && !this.isNegative) {
      this.bulkBytes = this.length + 2
      return false
    }
    if ((kind & BIT_AGGREGATE) !== 0 && !this.isNegative) {
      const elements = (kind & BIT_PAIRS) !== 0 ? 2 * this.length : this.length
      // What is not part of the reply leaves the reply itself missing.
      this.missing += (kind & BIT_EXTRA) !== 0 ? elements : elements - 1
    } else {
      if (this.errorText !== null) this.endError()
      this.missing--
    }
    if (this.missing > 0) return false
    this.missing = 1
    return true
  }

  private keepError(bytes: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.errorText!.push(String.fromCharCode(bytes[i]!))
  }

  private endError(): void {
    this.error = this.errorText!.join('').trimEnd()
    this.errorText = null
  }
}
