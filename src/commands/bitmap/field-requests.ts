/**
 * The operations of a BITFIELD, read off its arguments one by one. A request is gone through twice,
 * once to see whether all of it is sound and how far it writes, and once to carry it out: so no
 * operation becomes an object. One that is alone, as most are, is kept from the first time.
 */
import { parseInteger } from '../../bytes/integers.ts'
import type { FieldType, Overflow } from '../../types/bitfield.ts'
import { integer64 } from '../arguments.ts'
import type { Context } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { fieldOffset } from './bit-offset.ts'

const INVALID_TYPE = new CommandError(
  'ERR Invalid bitfield type. Use something like i16 u8. ' +
    'Note that u64 is not supported but i64 is.',
)
const INVALID_OVERFLOW = new CommandError('ERR Invalid OVERFLOW type specified')
const SIGNED = 0x69
const UNSIGNED = 0x75

export type FieldOperation = 'get' | 'set' | 'incrby'

/** The operation that `next` came to. */
export class FieldRequests implements FieldType {
  operation: FieldOperation = 'get'
  bits = 0
  isSigned = false
  /** Of the field's first bit. */
  offset = 0
  /** What is set, or added. */
  value: number | bigint = 0
  overflow: Overflow = 'wrap'
  private at = 2
  /** Whether the operation that `next` came to is the first, with nothing behind it. */
  private isAlone = false
  private isKept = false

  /** Goes to before the first operation of a request. */
  begin(): void {
    this.at = 2
    this.overflow = 'wrap'
    this.isAlone = false
    this.isKept = false
  }

  /** Goes back to before the first operation of the same request, after all were gone through. */
  beginAgain(): void {
    if (this.isAlone) this.isKept = true
    else this.begin()
  }

  /** Goes on to the next operation. @returns false behind the last one */
  next(context: Context): boolean {
    if (this.isKept) {
      this.isKept = false
      return true
    }
    const { args } = context
    const isFirst = this.at === 2
    while (args.count - this.at > 1 && args.is(this.at, 'overflow')) this.readOverflow(context)
    const { at } = this
    const left = args.count - at - 1
    if (left < 0) return false
    if (args.is(at, 'get') && left >= 2) this.operation = 'get'
    else if (args.is(at, 'set') && left >= 3) this.operation = 'set'
    else if (args.is(at, 'incrby') && left >= 3) this.operation = 'incrby'
    else throw SYNTAX_ERROR
    this.readType(context, at + 1)
    this.offset = fieldOffset(context, at + 2, this.bits)
    if (this.operation !== 'get') this.value = integer64(args, at + 3)
    this.at = at + (this.operation === 'get' ? 3 : 4)
    this.isAlone = isFirst && this.at === args.count
    return true
  }

  private readOverflow({ args }: Context): void {
    const index = this.at + 1
    if (args.is(index, 'wrap')) this.overflow = 'wrap'
    else if (args.is(index, 'sat')) this.overflow = 'saturate'
    else if (args.is(index, 'fail')) this.overflow = 'fail'
    else throw INVALID_OVERFLOW
    this.at += 2
  }

  private readType({ args }: Context, index: number): void {
    const { bytes } = args
    const start = args.starts[index]!
    const end = endOfText(bytes, start, args.ends[index]!)
    const sign = start < end ? bytes[start] : 0
    if (sign !== SIGNED && sign !== UNSIGNED) throw INVALID_TYPE
    this.isSigned = sign === SIGNED
    this.bits = parseInteger(bytes, start + 1, end)
    if (!(this.bits >= 1 && this.bits <= (this.isSigned ? 64 : 63))) throw INVALID_TYPE
  }
}

/** Where a text ends as C has it: at its first NUL. */
function endOfText(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== 0) at++
  return at
}
