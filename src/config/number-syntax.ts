/**
 * The number syntaxes of configuration values, each with the exact reach of the C function that
 * Redis 7.2 reads them with: what is let through, what saturates and what wraps is part of the
 * behaviour that a configuration written for Redis relies on. Everything is a bigint, since
 * several directives reach 2^63 - 1 or 2^64 - 1.
 */

export const INT_MAX = 2147483647n
export const INT_MIN = -2147483648n
export const UINT_MAX = 4294967295n
export const LONG_MAX = 9223372036854775807n
export const LONG_MIN = -9223372036854775808n
export const ULONG_MAX = 18446744073709551615n

const MEMORY_UNITS = new Map<string, bigint>([
  ['', 1n],
  ['b', 1n],
  ['k', 1000n],
  ['kb', 1024n],
  ['m', 1000n ** 2n],
  ['mb', 1024n ** 2n],
  ['g', 1000n ** 3n],
  ['gb', 1024n ** 3n],
])

const MEMORY_DIGITS_MAX = 127

/** The index of the first character, from `from` on, that is not a digit below `base`. */
function endOfDigits(text: string, from: number, base: number): number {
  let at = from
  while (at < text.length) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit >= base) break
    at++
  }
  return at
}

/**
 * The strict integer of `string2ll`: an optional minus and digits, no leading zero, no space, no
 * plus, within 64 signed bits. Null for everything else.
 */
export function parseInteger(text: string): bigint | null {
  if (text === '0') return 0n
  const start = text.charCodeAt(0) === 45 ? 1 : 0
  if (text.length === start || text.length - start > 19 || text[start] === '0') return null
  if (endOfDigits(text, start, 10) !== text.length) return null
  const value = BigInt(text)
  return value > LONG_MAX || value < LONG_MIN ? null : value
}

/**
 * The lenient integer of `strtoll` as the directives use it: blanks and a sign may lead, the whole
 * rest must be digits, an empty text is 0, and what is out of range saturates. Null when anything
 * follows the digits.
 */
export function parseLenientInteger(text: string, base: 8 | 10 = 10): bigint | null {
  if (text === '') return 0n
  let at = 0
  while (at < text.length && ' \t\n\v\f\r'.includes(text[at])) at++
  const negative = text[at] === '-'
  if (negative || text[at] === '+') at++
  const end = endOfDigits(text, at, base)
  if (end === at || end !== text.length) return null
  const magnitude = BigInt(base === 8 ? `0o${text.slice(at)}` : text.slice(at))
  const value = negative ? -magnitude : magnitude
  if (value > LONG_MAX) return LONG_MAX
  return value < LONG_MIN ? LONG_MIN : value
}

/**
 * An amount of memory as `memtoull` reads it: digits and a unit (b, k, kb, m, mb, g, gb in any
 * case; k is 1000 and kb 1024). No digits count as 0, digits saturate at 2^64 - 1, and the product
 * wraps modulo 2^64. Null for a sign, another unit or too many digits.
 */
export function parseMemory(text: string): bigint | null {
  const end = endOfDigits(text, 0, 10)
  const factor = MEMORY_UNITS.get(text.slice(end).toLowerCase())
  if (factor === undefined || end > MEMORY_DIGITS_MAX) return null
  const digits = BigInt(text.slice(0, end) || '0')
  return BigInt.asUintN(64, (digits > ULONG_MAX ? ULONG_MAX : digits) * factor)
}

/** A finite or infinite decimal as `string2d` takes it; null for blanks, rests and NaN. */
export function parseDouble(text: string): number | null {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text[0] === '-' ? -Infinity : Infinity
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

/** An amount in the largest unit that divides it, as CONFIG REWRITE writes it: `64mb`, `1000`. */
export function memoryInUnits(bytes: bigint): string {
  for (const unit of ['gb', 'mb', 'kb']) {
    const factor = MEMORY_UNITS.get(unit) as bigint
    if (bytes !== 0n && bytes % factor === 0n) return `${bytes / factor}${unit}`
  }
  return `${bytes}`
}

/** A decimal with up to six places and no trailing zeros: `99.9`, `50`. */
export function trimmedDouble(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '')
}
