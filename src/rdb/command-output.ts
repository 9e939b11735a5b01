/** Writes commands as RESP arrays of bulk strings. */
import { MAX_INTEGER_BYTES, writeBigInteger, writeInteger } from '../bytes/integers.ts'
import type { RdbOutput } from './rdb-output.ts'

const ASTERISK = 0x2a
const DOLLAR = 0x24
const CR = 0x0d
const LF = 0x0a
/** Room for a mark, a length and the end of the line, and the end of the string before. */
const HEAD_BYTES = MAX_INTEGER_BYTES + 8
const digits = new Uint8Array(MAX_INTEGER_BYTES + 1)
const digitsView = new DataView(digits.buffer)

/** Begins a command of so many words, with its name. */
export function writeCommandHead(output: RdbOutput, words: number, name: string): void {
  writeHead(output, ASTERISK, words)
  writeWord(output, name)
}

/** A word of a command, ASCII. */
export function writeWord(output: RdbOutput, word: string): void {
  writeHead(output, DOLLAR, word.length)
  output.reserve(word.length + 2)
  const { bytes } = output
  let at = output.length
  for (let i = 0; i < word.length; i++) bytes[at++] = word.charCodeAt(i)
  bytes[at] = CR
  bytes[at + 1] = LF
  output.length = at + 2
}

/** An integer of 64 bits as a word. */
export function writeIntegerWord(output: RdbOutput, value: number | bigint): void {
  const isBig = typeof value === 'bigint'
  const length = isBig ? writeBigInteger(digits, 0, value) : writeInteger(digits, 0, value)
  writeBulk(output, digits, digitsView, 0, length)
}

/** A word of any bytes. */
export function writeBulk(
  output: RdbOutput,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  length: number,
): void {
  beginBulk(output, length)
  output.writeRaw(bytes, view, start, length)
  endBulk(output)
}

/** What goes before the bytes of a word. */
export function beginBulk(output: RdbOutput, length: number): void {
  writeHead(output, DOLLAR, length)
}

/** What goes behind them. */
export function endBulk(output: RdbOutput): void {
  output.reserve(2)
  output.bytes[output.length] = CR
  output.bytes[output.length + 1] = LF
  output.length += 2
}

function writeHead(output: RdbOutput, mark: number, value: number): void {
  output.reserve(HEAD_BYTES)
  const { bytes } = output
  let at = output.length
  bytes[at++] = mark
  at += writeInteger(bytes, at, value)
  bytes[at] = CR
  bytes[at + 1] = LF
  output.length = at + 2
}
