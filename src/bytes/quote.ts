/**
 * The quoting of Redis's command lines: how one line of text becomes arguments (inline commands,
 * redis.conf, the interactive client), and how bytes are shown so that they can be typed back in.
 *
 * Both follow Redis 7.2 (`sdssplitargs` and `sdscatrepr` in sds.c). Splitting is one pass of a
 * small state machine: between arguments, in a bare argument, in double or in single quotes.
 *
 * Invariant: `splitArguments(fromText(quoted(x)))` is `[x]` for all bytes.
 */

const NUL = 0x00
const SPACE = 0x20
const DOUBLE_QUOTE = 0x22
const SINGLE_QUOTE = 0x27
const BACKSLASH = 0x5c
const LOWER_X = 0x78

/** C's isspace in the "C" locale: tab, line feed, vertical tab, form feed, return, space. */
function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 0x09 && byte <= 0x0d)
}

/** What ends a bare argument: unlike isspace, not the vertical tab and not the form feed. */
function endsBareArgument(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** The value of a hexadecimal digit, or -1. */
function hexDigitValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1
}

/** What the letter after a backslash stands for in double quotes; every other byte is itself. */
function escapedByte(byte: number): number {
  switch (byte) {
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
    case 0x62:
      return 0x08
    case 0x61:
      return 0x07
    default:
      return byte
  }
}

/**
 * Splits a line into its arguments. Blank lines give an empty array. A quoted part may follow bare
 * bytes (`a"b c"` is one argument), but a closing quote must be followed by a blank or the end.
 *
 * In double quotes `\n \r \t \b \a` and `\xHH` are escapes and a backslash before any other byte
 * is dropped; in single quotes only `\'` is an escape. As in Redis, where the line is a C string,
 * a NUL byte ends it.
 *
 * @returns the arguments, as arrays of their own; null when quotes are unbalanced or a closing
 * quote is followed by something else than a blank
 */
export function splitArguments(line: Uint8Array): Uint8Array[] | null {
  const nul = line.indexOf(NUL)
  const end = nul < 0 ? line.length : nul
  const argumentList: Uint8Array[] = []
  const scratch = new Uint8Array(end)
  let position = 0
  while (true) {
    while (position < end && isSpace(line[position])) position++
    if (position === end) return argumentList
    let length = 0
    let quote = 0
    while (true) {
      if (position === end) {
        if (quote !== 0) return null
        break
      }
      const byte = line[position++]
      if (quote === 0) {
        if (endsBareArgument(byte)) break
        if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) quote = byte
        else scratch[length++] = byte
      } else if (byte === quote) {
        if (position < end && !isSpace(line[position++])) return null
        break
      } else if (byte !== BACKSLASH || position === end) {
        scratch[length++] = byte
      } else if (quote === SINGLE_QUOTE) {
        if (line[position] === SINGLE_QUOTE) scratch[length++] = line[position++]
        else scratch[length++] = BACKSLASH
      } else {
        const value = hexEscape(line, position, end)
        scratch[length++] = value < 0 ? escapedByte(line[position]) : value
        position += value < 0 ? 1 : 3
      }
    }
    argumentList.push(scratch.slice(0, length))
  }
}

/** The value of `xHH` at a position, or -1 when there is no such thing there. */
function hexEscape(line: Uint8Array, position: number, end: number): number {
  if (line[position] !== LOWER_X || position + 2 >= end) return -1
  const high = hexDigitValue(line[position + 1])
  const low = hexDigitValue(line[position + 2])
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** The form of each byte inside double quotes, by its value. */
const REPRESENTATIONS: string[] = Array.from({ length: 256 }, (_, byte) => {
  switch (byte) {
    case BACKSLASH:
      return '\\\\'
    case DOUBLE_QUOTE:
      return '\\"'
    case 0x0a:
      return '\\n'
    case 0x0d:
      return '\\r'
    case 0x09:
      return '\\t'
    case 0x07:
      return '\\a'
    case 0x08:
      return '\\b'
    default:
      if (byte >= SPACE && byte < 0x7f) return String.fromCharCode(byte)
      return `\\x${byte.toString(16).padStart(2, '0')}`
  }
})

/** The same as bytes, for values that may be too long for a string. */
const REPRESENTED_BYTES: Uint8Array[] = REPRESENTATIONS.map((text) => Buffer.from(text))

/** How many bytes `writeQuoted` writes. */
export function quotedLength(bytes: Uint8Array): number {
  let length = 2
  for (let i = 0; i < bytes.length; i++) length += REPRESENTED_BYTES[bytes[i]].length
  return length
}

/** Writes what `quoted` gives to a place in `target`. @returns where it ends there */
export function writeQuoted(bytes: Uint8Array, target: Uint8Array, start: number): number {
  let at = start
  target[at++] = DOUBLE_QUOTE
  for (let i = 0; i < bytes.length; i++) {
    const representation = REPRESENTED_BYTES[bytes[i]]
    for (let j = 0; j < representation.length; j++) target[at++] = representation[j]
  }
  target[at++] = DOUBLE_QUOTE
  return at
}

/**
 * Bytes as a double-quoted, printable ASCII text that `splitArguments` reads back: what
 * Redis shows in MONITOR, in error messages and in redis-cli.
 */
export function quoted(bytes: Uint8Array): string {
  let text = '"'
  for (let i = 0; i < bytes.length; i++) text += REPRESENTATIONS[bytes[i]]
  return `${text}"`
}
