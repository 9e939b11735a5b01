/**
 * A walk over the elements of a value that is stored as one string, in one of the encodings of
 * Redis's small collections. Everything is checked on the way; what is wrong is thrown as an
 * RdbError, so what was built from the elements so far is to be given up then.
 */
import { MAX_INTEGER_BYTES, writeBigInteger, writeInteger } from '../bytes/integers.ts'
import { RdbError } from './rdb-error.ts'

const NO_BYTES = new Uint8Array(0)
const NO_VIEW = new DataView(NO_BYTES.buffer)

export abstract class ElementCursor {
  // Where the element is that `next` has come to: in the string, or in `digits` for an integer.
  bytes: Uint8Array = NO_BYTES
  view: DataView = NO_VIEW
  start = 0
  end = 0
  /** The string: from `first` to `last` of this memory. */
  protected source: Uint8Array = NO_BYTES
  protected sourceView: DataView = NO_VIEW
  protected first = 0
  protected last = 0
  /** Where the next element begins. */
  protected position = 0
  /** For errors: where in the input the string ends. */
  private offset = 0
  private readonly digits = new Uint8Array(MAX_INTEGER_BYTES)
  private readonly digitsView = new DataView(this.digits.buffer)

  /** What this walks over, for error texts. */
  protected abstract readonly name: string

  /** Goes to before the first element of a string. @param offset where in the input it was */
  open(bytes: Uint8Array, view: DataView, start: number, end: number, offset: number): void {
    this.source = bytes
    this.sourceView = view
    this.first = start
    this.last = end
    this.offset = offset
    this.openHeader()
  }

  /** Reads and checks what stands before the elements, and sets `position`. */
  protected abstract openHeader(): void

  /** Goes to the next element. @returns false behind the last, when all that follows was checked */
  abstract next(): boolean

  protected fail(what: string): never {
    throw new RdbError(`a ${this.name} is malformed: ${what}`, this.offset)
  }

  /** Lets the element be bytes of the string. */
  protected setString(start: number, end: number): void {
    this.bytes = this.source
    this.view = this.sourceView
    this.start = start
    this.end = end
  }

  /** Lets the element be the text of an integer. */
  protected setInteger(value: number | bigint): void {
    this.bytes = this.digits
    this.view = this.digitsView
    this.start = 0
    this.end =
      typeof value === 'bigint'
        ? writeBigInteger(this.digits, 0, value)
        : writeInteger(this.digits, 0, value)
  }
}
