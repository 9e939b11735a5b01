/**
 * Replies as JavaScript values, in the shapes of RESP3: a map becomes an object (a `Map` where
 * bytes are asked for), a double a number, a null `null`, sets and pushes arrays; an integer
 * beyond ±(2^53 - 1) a bigint. Strings are read as UTF-8, or come as a Buffer each.
 *
 * Commands write a container before its elements, so what is not full yet is on a stack of frames;
 * the frame of a container whose length shows at its end is never full and is closed by `end…`. A
 * reply that is no container, as most are, makes no frame.
 */
import type { Reply } from '../resp/reply.ts'
import type { CallReply } from './command-runner.ts'
import { StoreError } from './store-error.ts'
import { longText, textOfLatin1, valueText } from './value-text.ts'

/** What a command may answer. */
export type Value =
  | string
  | Buffer
  | number
  | bigint
  | boolean
  | null
  | StoreError
  | Value[]
  | { [key: string]: Value }
  | Map<Value, Value>

const ARRAY = 0
const MAP = 1
/** An attribute, which nobody sees here. */
const DROPPED = 2

interface Frame {
  readonly kind: number
  readonly items: Value[]
  /** Elements still to come; Infinity if nobody knows. */
  left: number
  readonly outer: Frame | null
}

export class ValueReply implements CallReply {
  readonly protocol = 3
  /** Whether strings are answered as bytes. */
  asBytes = false
  /** The text of the error that was answered; null if none was. */
  failure: string | null = null
  private value: Value = null
  private frame: Frame | null = null

  takeBack(): void {
    this.failure = null
    this.value = null
    this.frame = null
  }

  /** What was answered. @throws StoreError */
  take(): Value {
    const { failure, value } = this
    if (failure !== null) {
      this.takeBack()
      throw new StoreError(textOfLatin1(failure))
    }
    // A value is not held longer than its caller wants it.
    if (typeof value === 'object') this.value = null
    return value
  }

  /** The same, with an error as a value. */
  takeOrError(): Value {
    const { failure } = this
    if (failure === null) return this.take()
    this.takeBack()
    return new StoreError(textOfLatin1(failure))
  }

  private put(value: Value): void {
    const { frame } = this
    if (frame === null) {
      this.value = value
      return
    }
    frame.items.push(value)
    if (--frame.left === 0) this.close(frame)
  }

  private open(kind: number, count: number): void {
    this.frame = { kind, items: [], left: count, outer: this.frame }
    if (count === 0) this.close(this.frame)
  }

  private close(frame: Frame): void {
    this.frame = frame.outer
    if (frame.kind === ARRAY) this.put(frame.items)
    else if (frame.kind === MAP) this.put(this.asBytes ? mapOf(frame.items) : objectOf(frame.items))
  }

  private begin(kind: number): number {
    this.open(kind, Number.POSITIVE_INFINITY)
    return 0
  }

  private end(): void {
    this.close(this.frame!)
  }

  private text(text: string): Value {
    return this.asBytes ? Buffer.from(text, 'latin1') : textOfLatin1(text)
  }

  ok(): void {
    this.put('OK')
  }

  simple(text: string): void {
    this.put(text)
  }

  error(text: string): void {
    if (this.frame === null) this.failure = text
    else this.put(new StoreError(textOfLatin1(text)))
  }

  integer(value: number): void {
    this.put(value)
  }

  bigInteger(value: bigint): void {
    const number = Number(value)
    this.put(Number.isSafeInteger(number) ? number : value)
  }

  bulk(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.asBytes) this.put(Buffer.from(bytes.subarray(start, end)))
    else this.put(valueText(bytes, view, start, end))
  }

  bulkBytes(bytes: Uint8Array): void {
    this.put(this.asBytes ? Buffer.from(bytes) : longText(bytes, 0, bytes.length))
  }

  bulkText(text: string): void {
    this.put(this.text(text))
  }

  bulkInteger(value: number): void {
    this.put(this.text(String(value)))
  }

  nil(): void {
    this.put(null)
  }

  nilArray(): void {
    this.put(null)
  }

  double(value: number): void {
    this.put(value)
  }

  boolean(value: boolean): void {
    this.put(value)
  }

  bigNumber(text: string): void {
    this.put(BigInt(text))
  }

  verbatim(_format: string, text: string): void {
    this.put(this.text(text))
  }

  array(count: number): void {
    this.open(ARRAY, count)
  }

  map(pairs: number): void {
    this.open(MAP, pairs * 2)
  }

  set(count: number): void {
    this.open(ARRAY, count)
  }

  push(count: number): void {
    this.open(ARRAY, count)
  }

  attribute(pairs: number): void {
    this.open(DROPPED, pairs * 2)
  }

  beginArray(): number {
    return this.begin(ARRAY)
  }

  endArray(): void {
    this.end()
  }

  beginMap(): number {
    return this.begin(MAP)
  }

  endMap(): void {
    this.end()
  }

  beginSet(): number {
    return this.begin(ARRAY)
  }

  endSet(): void {
    this.end()
  }
}

/** An object without a prototype, so that no key of a user's is taken for something else. */
function objectOf(items: readonly Value[]): { [key: string]: Value } {
  const object: { [key: string]: Value } = Object.create(null)
  for (let i = 0; i < items.length; i += 2) object[String(items[i])] = items[i + 1]!
  return object
}

function mapOf(items: readonly Value[]): Map<Value, Value> {
  const map = new Map<Value, Value>()
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!)
  return map
}

/** Writes a value, that of a reply with bytes, as what it was. */
export function writeValue(reply: Reply, value: Value): void {
  if (value === null) return reply.nil()
  if (typeof value === 'string') return reply.simple(value)
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? reply.integer(value) : reply.double(value)
  }
  if (typeof value === 'bigint') return reply.bigInteger(value)
  if (typeof value === 'boolean') return reply.boolean(value)
  if (value instanceof Uint8Array) return reply.bulkBytes(value)
  if (value instanceof StoreError) {
    return reply.error(Buffer.from(value.message).toString('latin1'))
  }
  const isMap = value instanceof Map
  const elements = isMap ? [...value].flat() : (value as Value[])
  if (isMap) reply.map(value.size)
  else reply.array(elements.length)
  for (const each of elements) writeValue(reply, each)
}
