/**
 * Strings as values of the keyspace: inline in their entry up to INLINE_MAX_BYTES, else in a block
 * of their own.
 *
 * Encoding bits of the entry (4-7 of its type byte): bits 4 and 5 are the label below, bit 6 says
 * that the value is in a block of its own. An integer is kept as its text, which GET copies as it
 * is; whether OBJECT ENCODING says `int` follows from the text.
 */
import { type Address, type Arena, SEGMENT_SHIFT } from '../arena/arena.ts'
import { keyLength, keyOffset } from '../arena/dict-entry.ts'
import { isInteger64 } from '../bytes/integers.ts'
import { encodingOf, HEADER_BYTES, offsetOf, SEPARATE, viewOf } from './entry.ts'

export { SEPARATE } from './entry.ts'

/** The encoding follows from the content: int, embstr or raw. */
export const LABEL_AUTO = 0
/** Never int, as Redis leaves the result of INCRBYFLOAT. */
export const LABEL_NOT_INT = 1
/** Raw whatever its length, as Redis leaves a string that was changed in place. */
export const LABEL_RAW = 2
const EMBSTR_MAX_BYTES = 44
const MAX_INTEGER_BYTES = 20

/** What stands for the segments where there is no value. */
const NO_SEGMENTS = [new Uint8Array(0)]
const NO_VIEWS = [new DataView(NO_SEGMENTS[0]!.buffer)]

/**
 * Where the bytes of a string value are. One object is used again and again: its fields are valid
 * until the next `locate`, or the next change of the keyspace.
 *
 * It names the segment and holds no view of it. Commands keep their objects for as long as the
 * process lives, and a view would keep the memory of a huge value long after its key is gone.
 */
export class StringValue {
  start = 0
  end = 0
  private segment = 0
  private segmentBytes: readonly Uint8Array[] = NO_SEGMENTS
  private segmentViews: readonly DataView[] = NO_VIEWS

  /** Points at the value of a string entry. */
  locate(arena: Arena, entry: Address): void {
    const view = viewOf(arena, entry)
    const offset = offsetOf(entry)
    const at = keyOffset(view, offset, HEADER_BYTES) + keyLength(view, offset, HEADER_BYTES)
    this.segmentBytes = arena.bytes
    this.segmentViews = arena.views
    if ((view.getUint8(offset + 4) & (SEPARATE << 4)) === 0) {
      this.segment = entry >>> SEGMENT_SHIFT
      this.start = at
      this.end = at + view.getUint16(offset + 2, true)
    } else {
      const block = view.getInt32(at, true) as Address
      this.segment = block >>> SEGMENT_SHIFT
      this.start = offsetOf(block)
      this.end = this.start + view.getUint32(at + 4, true)
    }
  }

  /** Points at an empty string, as of a key that is not there. */
  clear(): void {
    this.segmentBytes = NO_SEGMENTS
    this.segmentViews = NO_VIEWS
    this.segment = 0
    this.start = 0
    this.end = 0
  }

  /** The segment that the value lies in. */
  get bytes(): Uint8Array {
    return this.segmentBytes[this.segment]!
  }

  get view(): DataView {
    return this.segmentViews[this.segment]!
  }

  get length(): number {
    return this.end - this.start
  }

  /** The bytes themselves, in the arena. */
  slice(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }
}

/** The name that OBJECT ENCODING gives a string entry, of which `value` is the located value. */
export function stringEncoding(arena: Arena, entry: Address, value: StringValue): string {
  const label = encodingOf(arena, entry) & 3
  if (label === LABEL_RAW) return 'raw'
  if (
    label === LABEL_AUTO &&
    value.length <= MAX_INTEGER_BYTES &&
    isInteger64(value.bytes, value.start, value.end)
  ) {
    return 'int'
  }
  return value.length <= EMBSTR_MAX_BYTES ? 'embstr' : 'raw'
}
