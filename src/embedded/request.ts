/**
 * A request made of JavaScript values: they are written, one behind the other, into one buffer that
 * is used again and again, and noted in an `Args` as the parser notes what came from a socket.
 *
 * A short ASCII string is written by a loop, which costs less than a call into Node; all others are
 * encoded as UTF-8. The name of the command stays at the front of the buffer from call to call.
 *
 * The memory is nobody else's only until the call is over: what is stored is copied.
 */
import type { Command } from '../commands/command-table.ts'
import { Args } from '../resp/args.ts'

/** What a command may be given: bytes as they are, strings as UTF-8, numbers as their text. */
export type Argument = string | number | bigint | Uint8Array

const FIRST_BYTES = 16 * 1024
/** A larger buffer is let go after its call. */
const KEPT_BYTES = 1024 * 1024
/** Longer strings are encoded by Node. */
const LOOP_CHARACTERS = 48
const MAX_BYTES = 2 ** 31 - 1

export class Request {
  readonly args = new Args()
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  private end = 0
  /** Whose name is at the front. */
  private command: Command | null = null
  private nameWords = 0
  private nameEnd = 0

  constructor() {
    this.useBuffer()
  }

  private useBuffer(): void {
    const { args, bytes } = this
    args.bytes = bytes
    args.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Begins a request for a command, or a subcommand, with its name. */
  begin(command: Command): void {
    const { args } = this
    if (command === this.command) {
      args.count = this.nameWords
      this.end = this.nameEnd
      return
    }
    args.count = 0
    this.end = 0
    for (const word of command.fullName.toUpperCase().split('|')) this.addText(word)
    this.command = command
    this.nameWords = args.count
    this.nameEnd = this.end
  }

  /** Begins a request whose first argument is still to come. */
  beginEmpty(): void {
    this.command = null
    this.args.count = 0
    this.end = 0
  }

  add(argument: Argument): void {
    if (typeof argument === 'string') this.addText(argument)
    else if (typeof argument === 'number' && !Number.isNaN(argument)) this.addText(String(argument))
    else if (typeof argument === 'bigint') this.addText(String(argument))
    else if (argument instanceof Uint8Array) this.addBytes(argument)
    else throw unfitArgument(argument, this.args.count)
  }

  private addText(text: string): void {
    const { length } = text
    const start = this.end
    // Three bytes are what a UTF-16 unit may take.
    if (start + length * 3 > this.bytes.length) this.reserve(length * 3)
    this.end = writeText(this.bytes, start, text)
    this.args.push(start, this.end)
  }

  private addBytes(source: Uint8Array): void {
    const start = this.end
    if (start + source.length > this.bytes.length) this.reserve(source.length)
    this.bytes.set(source, start)
    this.end = start + source.length
    this.args.push(start, this.end)
  }

  private reserve(count: number): void {
    const needed = this.end + count
    if (needed > MAX_BYTES) throw new RangeError('a request of more than 2 GB')
    const capacity = Math.min(Math.max(needed, this.bytes.length * 2), MAX_BYTES)
    const larger = Buffer.allocUnsafeSlow(capacity)
    this.bytes.copy(larger, 0, 0, this.end)
    this.bytes = larger
    this.useBuffer()
  }

  /** Lets a very long request go, after the call. */
  trim(): void {
    if (this.bytes.length <= KEPT_BYTES) return
    this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
    this.command = null
    this.useBuffer()
  }
}

/** Writes a text as UTF-8 to where there is room for it. @returns where it ends */
export function writeText(bytes: Buffer, start: number, text: string): number {
  const { length } = text
  if (length > LOOP_CHARACTERS) return start + bytes.write(text, start, 'utf8')
  let all = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    all |= code
    bytes[start + i] = code
  }
  return all < 0x80 ? start + length : start + bytes.write(text, start, 'utf8')
}

/** What is thrown for an argument that is none. @param index among those of the request */
export function unfitArgument(argument: unknown, index: number): TypeError {
  const isNamed = argument === null || argument === undefined || Number.isNaN(argument)
  const kind = isNamed ? String(argument) : `of type ${typeof argument}`
  const wanted = 'a string, a number, a bigint or a Uint8Array'
  return new TypeError(`argument ${index} is ${kind}: ${wanted} is wanted`)
}

/** Whether something can be an argument. */
export function isArgument(value: unknown): value is Argument {
  const type = typeof value
  if (type === 'string' || type === 'bigint' || value instanceof Uint8Array) return true
  return type === 'number' && !Number.isNaN(value)
}

/** The name that a command is called by. @throws TypeError */
export function nameOf(name: unknown): string {
  if (typeof name === 'string') return name
  throw new TypeError(`the name of a command is a string, not ${typeof name}`)
}
