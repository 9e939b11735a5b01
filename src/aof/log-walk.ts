/**
 * Goes through one append-only file, unit by unit, and tells of each whether it is whole. A unit is
 * what is done as a whole or not at all:
 *
 * - in a file of Redstart's (its first line is that of batch 0), a batch with its checksum line;
 * - in any other file, a request, or all from MULTI to EXEC, or a comment.
 *
 * A file of Redstart's that Redis went on with has requests without checksum lines at its end. They
 * are known by how Redis begins after it was started, and Redstart never does: a SELECT in upper
 * case. From there on the file is taken as one of Redis's.
 *
 * The unit is in memory as a whole, in a window that grows no further than the file has bytes.
 * Where the arguments of its requests are is kept, so that whoever does them need not scan them
 * again; of a batch with very many, only those of the first.
 */
import { Crc64 } from '../bytes/crc64.ts'
import { fromLatin1, latin1 } from '../bytes/text.ts'
import type { OpenFile } from '../platform/files.ts'
import { Args } from '../resp/args.ts'
import { ChecksumLine, checkLine, startsWithTag } from './checksum-line.ts'
import { MALFORMED, MORE, RequestScan } from './request-scan.ts'
import { hasBatchBehind } from './whole-batches.ts'

/**
 * unit     the next unit is whole
 * end      the file ends where a unit does
 * torn     the file ends in the middle of a unit, or with a batch that is not as it was written
 * damaged  something is wrong in the middle
 */
export type WalkResult = 'unit' | 'end' | 'torn' | 'damaged'

const FIRST_WINDOW_BYTES = 256 * 1024
/** No more is kept of where arguments are. */
const KEPT_ARGUMENTS = 4096
/** A checksum's line is within so many bytes, where the file has them. */
const LINE_BYTES = 64
const MAX_UNIT_BYTES = 0x7fffffff
const HASH = 0x23

/** How Redis begins after it was started, and where it changes the database. */
const REDIS_SELECT = fromLatin1('*2\r\n$6\r\nSELECT\r\n')
const TIMESTAMP = fromLatin1('#TS:')
const FIRST_LINE = fromLatin1('#CRC:0 0 ')

export class LogWalk {
  readonly size: number
  /** The window: the unit lies from `unitStart` to `unitEnd` of it. */
  bytes: Uint8Array
  view: DataView
  unitStart = 0
  unitEnd = 0
  /** Whether the units are batches with checksums. */
  isChecked = false
  /** Whether there were checksums and then, where Redis went on, none any more. */
  isForeign = false
  /** Number of the next batch. */
  number = 0
  /** The arguments of the unit's first requests, one behind the other. */
  readonly args = new Args()
  /** How many arguments each of them has, and how many requests they are. */
  readonly counts = new Int32Array(KEPT_ARGUMENTS + 1)
  requestCount = 0
  /** Where the requests begin whose arguments are not kept. */
  keptEnd = 0
  /** After `torn` and `damaged`: what is wrong. */
  reason = ''
  /** After `torn`: whether a MULTI lacks its EXEC. */
  isInMulti = false

  private readonly file: OpenFile
  private readonly crc = new Crc64()
  private readonly scan = new RequestScan()
  /** Offset in the file of the window's first byte, and how much of the window is filled. */
  private windowOffset: number
  private filled = 0
  /** How far the unit under way has been gone through. */
  private position = 0
  private isBegun = false

  /** @param offset where the log begins, behind a snapshot that the file may open with */
  constructor(file: OpenFile, offset = 0) {
    this.file = file
    this.size = file.size()
    this.windowOffset = offset
    const windowBytes = Math.min(FIRST_WINDOW_BYTES, this.size - offset)
    this.bytes = new Uint8Array(windowBytes)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Where the unit begins in the file; after `torn`, what is whole ends here. */
  get offset(): number {
    return this.windowOffset + this.unitStart
  }

  /** Where the unit ends in the file. */
  get endOffset(): number {
    return this.windowOffset + this.unitEnd
  }

  /** The checksum to go on from. */
  get checksum(): bigint {
    return this.crc.value
  }

  next(): WalkResult {
    this.unitStart = this.unitEnd
    this.position = this.unitStart
    this.keptEnd = this.unitStart
    this.requestCount = 0
    this.args.count = 0
    if (!this.isBegun) this.begin()
    if (this.offset >= this.size) return 'end'
    if (this.isChecked && this.beginsLikeRedis()) {
      this.isChecked = false
      this.isForeign = true
    }
    return this.isChecked ? this.nextBatch() : this.nextRequest()
  }

  /** Finds out whose file this is. */
  private begin(): void {
    this.isBegun = true
    if (this.offset !== 0) return
    this.fill(FIRST_LINE.length)
    this.isChecked = this.matches(FIRST_LINE, 0)
  }

  private beginsLikeRedis(): boolean {
    if (this.position + LINE_BYTES > this.filled) this.fill(this.position + LINE_BYTES)
    let at = this.position
    if (this.matches(TIMESTAMP, at)) {
      const end = this.scan.next(this.bytes, at, this.filled, null)
      if (end > 0) at = end
    }
    return this.matches(REDIS_SELECT, at)
  }

  private matches(what: Uint8Array, at: number): boolean {
    if (at + what.length > this.filled) return false
    for (let i = 0; i < what.length; i++) if (this.bytes[at + i] !== what[i]) return false
    return true
  }

  private nextBatch(): WalkResult {
    while (true) {
      if (this.position + LINE_BYTES > this.filled) this.fill(this.position + LINE_BYTES)
      if (startsWithTag(this.bytes, this.position, this.filled)) break
      const end = this.nextItem()
      if (end < 0) return this.badBatch()
      this.position = end
    }
    const { bytes, crc, number, position, view } = this
    const { high, low } = crc
    const end = checkLine(bytes, view, this.unitStart, position, this.filled, number, crc)
    if (end < 0) {
      crc.high = high
      crc.low = low
      this.reason = this.faultOfLine()
      return this.badBatch()
    }
    this.number++
    this.unitEnd = end
    return 'unit'
  }

  /** What is wrong with the line that begins at `position`. */
  private faultOfLine(): string {
    const line = new ChecksumLine()
    if (!line.read(this.bytes, this.position, this.filled)) {
      return 'the line with its checksum is not whole'
    }
    if (line.number !== this.number) return `its number is ${line.number}, not ${this.number}`
    const batchBytes = this.position - this.unitStart
    return line.batchBytes === batchBytes ? 'its checksum does not fit' : 'its length is wrong'
  }

  /** A batch is not whole. It is torn if no whole one follows. */
  private badBatch(): WalkResult {
    const rest = this.size - this.offset
    if (rest > MAX_UNIT_BYTES) return 'damaged'
    this.fill(this.unitStart + rest)
    const bytes = this.bytes.subarray(this.unitStart, this.filled)
    if (!hasBatchBehind(bytes, this.number, this.crc.value)) return 'torn'
    this.reason += ', and there are whole batches behind it'
    return 'damaged'
  }

  private nextRequest(): WalkResult {
    this.isInMulti = false
    const depth = new MultiDepth()
    do {
      const end = this.nextItem()
      if (end < 0) {
        this.isInMulti = depth.isOpen
        return end === MALFORMED ? 'damaged' : 'torn'
      }
      if (startsWithTag(this.bytes, this.position, end)) return this.strayLine(end)
      depth.see(this.bytes, this.position, end)
      this.position = end
    } while (depth.isOpen)
    this.unitEnd = this.position
    return 'unit'
  }

  /** A checksum's line where none can be. */
  private strayLine(end: number): WalkResult {
    this.reason = 'it has lines with checksums, but its first line is damaged or missing'
    if (this.isForeign) this.reason = 'a checksum stands behind requests that have none'
    this.unitEnd = end
    return 'damaged'
  }

  /** Scans the item at `position`. @returns where it ends, or why there is none */
  private nextItem(): number {
    while (true) {
      const { args } = this
      const isKept = this.keptEnd === this.position && args.count < KEPT_ARGUMENTS
      const before = args.count
      const end = this.scan.add(this.bytes, this.position, this.filled, isKept ? args : null)
      if (end >= 0) {
        if (isKept) {
          if (args.count > before) this.counts[this.requestCount++] = args.count - before
          this.keptEnd = end
        }
        return end
      }
      args.count = before
      if (end !== MORE) {
        this.explain()
        return end
      }
      const { needed } = this.scan
      const isThere = this.windowOffset + needed <= this.size
      if (isThere && needed - this.unitStart > MAX_UNIT_BYTES) {
        this.reason = 'it is longer than 2 GB'
        return MALFORMED
      }
      if (!isThere || !this.fill(needed)) {
        const begun = latin1(this.bytes, this.position, Math.min(this.position + 5, this.filled))
        const isLine = '#CRC:'.startsWith(begun) || this.bytes[this.position] === HASH
        this.reason = isLine ? 'a line is not whole' : 'the file ends in the middle of a command'
        return MORE
      }
    }
  }

  private explain(): void {
    this.reason = `${this.scan.reason} at offset ${this.windowOffset + this.scan.reasonAt}`
  }

  /**
   * Reads on until the window is filled up to index `end`. The unit may be moved to the window's
   * front, and `position` with it.
   *
   * @returns false if the file ends before
   */
  private fill(end: number): boolean {
    if (end <= this.filled) return true
    const isThere = this.windowOffset + end <= this.size
    const wanted = isThere ? end : this.size - this.windowOffset
    if (wanted > this.bytes.length) this.makeRoom(wanted - this.unitStart)
    const limit = Math.min(this.bytes.length, this.size - this.windowOffset)
    const target = Math.min(wanted, limit)
    while (this.filled < target) {
      const at = this.windowOffset + this.filled
      const count = this.file.read(this.bytes, this.filled, limit - this.filled, at)
      if (count === 0) return false
      this.filled += count
    }
    return isThere
  }

  private makeRoom(unitBytes: number): void {
    const { unitStart } = this
    if (unitBytes > this.bytes.length) {
      const larger = new Uint8Array(Math.max(unitBytes, this.bytes.length * 2))
      larger.set(this.bytes.subarray(unitStart, this.filled))
      this.bytes = larger
      this.view = new DataView(larger.buffer)
    } else {
      this.bytes.copyWithin(0, unitStart, this.filled)
    }
    this.windowOffset += unitStart
    this.filled -= unitStart
    this.position -= unitStart
    this.keptEnd -= unitStart
    this.args.shift(-unitStart)
    this.unitStart = 0
    this.unitEnd = 0
  }
}

/** Whether a MULTI waits for its EXEC. */
export class MultiDepth {
  isOpen = false

  /** Takes note of a request or a comment. */
  see(bytes: Uint8Array, start: number, end: number): void {
    // *1 CR LF $5 CR LF MULTI CR LF: 15 bytes; EXEC has one fewer.
    if (end - start === 15 && isAlone(bytes, start, 'multi')) this.isOpen = true
    else if (end - start === 14 && isAlone(bytes, start, 'exec')) this.isOpen = false
  }
}

function isAlone(bytes: Uint8Array, start: number, name: string): boolean {
  if (bytes[start + 1] !== 0x31) return false
  for (let i = 0; i < name.length; i++) {
    if ((bytes[start + 8 + i] | 0x20) !== name.charCodeAt(i)) return false
  }
  return true
}
