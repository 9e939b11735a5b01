/**
 * Glob matching over bytes, with exactly the answers of Redis 7.2.6 (`stringmatchlen` in util.c):
 *
 *   *        any run of bytes          [abc]  one of these bytes     \x  the byte x itself
 *   ?        any one byte              [a-z]  a range, either way    [^…] none of these
 *
 * Redis recurses at every star. Here a star is only remembered: every other element takes exactly
 * one byte, so when the part behind a later star cannot be matched, moving an earlier star would
 * not help, and only the last one need ever be moved on. The time is at most pattern length times
 * text length for any pattern, in constant space.
 *
 * Corners that follow Redis on x86-64 and are kept on purpose:
 * - an empty text is matched by the empty pattern only, not even by `*`;
 * - a class that is not closed ends with the pattern; `[^` alone takes any byte;
 * - a range whose second end is `]` takes that as its end, as in `[a-]`;
 * - ends of ranges compare as signed bytes: 0x80 to 0xff come before 0x00;
 * - ignoring case, the ends are swapped before they are lowered (after which bytes from 0x80 on
 *   count as unsigned, but for 0xff, which is -1), and an escaped byte in a class keeps its case;
 * - more than 1000 stars (runs of stars count as one) that are followed by something never match.
 */

const STAR = 0x2a
const DASH = 0x2d
const QUESTION_MARK = 0x3f
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const CARET = 0x5e

/** Redis gives up at this depth of nested stars. */
const MAX_STARS = 1000

/** ASCII lower case of every byte. */
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
)

/** Says whether a text matches a pattern as a whole. */
export function globMatch(
  pattern: Uint8Array,
  text: Uint8Array,
  caseInsensitive: boolean,
): boolean {
  return globMatchRange(pattern, 0, pattern.length, text, 0, text.length, caseInsensitive)
}

/**
 * The same over ranges of two buffers, ends exclusive. Reads nothing outside the ranges and
 * allocates nothing.
 */
export function globMatchRange(
  pattern: Uint8Array,
  patternStart: number,
  patternEnd: number,
  text: Uint8Array,
  textStart: number,
  textEnd: number,
  caseInsensitive: boolean,
): boolean {
  if (textStart >= textEnd) return patternStart >= patternEnd
  let p = patternStart
  let t = textStart
  let starPattern = -1
  let starText = 0
  let stars = 0
  while (true) {
    let next = -1
    if (p < patternEnd) {
      const element = pattern[p]
      if (element === STAR) {
        p = afterStars(pattern, p, patternEnd)
        if (p === patternEnd) return true
        if (++stars > MAX_STARS) return false
        starPattern = p
        starText = t
        continue
      }
      const byte = text[t]
      if (element === QUESTION_MARK) {
        next = p + 1
      } else if (element === OPEN_BRACKET) {
        next = matchClass(pattern, p + 1, patternEnd, byte, caseInsensitive)
      } else {
        const at = element === BACKSLASH && p + 1 < patternEnd ? p + 1 : p
        const literal = pattern[at]
        const same = literal === byte || (caseInsensitive && LOWER[literal] === LOWER[byte])
        if (same) next = at + 1
      }
    }
    if (next >= 0) {
      p = next
      if (++t === textEnd) return afterStars(pattern, p, patternEnd) === patternEnd
    } else {
      if (starPattern < 0 || ++starText === textEnd) return false
      p = starPattern
      t = starText
    }
  }
}

/** The first position at or behind `position` that holds no star. */
function afterStars(pattern: Uint8Array, position: number, end: number): number {
  while (position < end && pattern[position] === STAR) position++
  return position
}

/**
 * Matches one byte against the class whose content begins at `start`, behind its bracket.
 *
 * @returns the position behind the class when it takes the byte, else -1
 */
function matchClass(
  pattern: Uint8Array,
  start: number,
  end: number,
  byte: number,
  caseInsensitive: boolean,
): number {
  const negated = start < end && pattern[start] === CARET
  let p = negated ? start + 1 : start
  let matched = false
  while (p < end) {
    const member = pattern[p]
    if (member === BACKSLASH && p + 1 < end) {
      if (pattern[++p] === byte) matched = true
    } else if (member === CLOSE_BRACKET) {
      return matched !== negated ? p + 1 : -1
    } else if (p + 2 < end && pattern[p + 1] === DASH) {
      if (inRange(member, pattern[p + 2], byte, caseInsensitive)) matched = true
      p += 2
    } else if (member === byte || (caseInsensitive && LOWER[member] === LOWER[byte])) {
      matched = true
    }
    p++
  }
  return matched !== negated ? end : -1
}

/** Says whether a byte lies between the two ends of a range, given in either order. */
function inRange(one: number, other: number, byte: number, caseInsensitive: boolean): boolean {
  const swapped = signed(one) > signed(other)
  const first = swapped ? other : one
  const last = swapped ? one : other
  if (!caseInsensitive) return signed(byte) >= signed(first) && signed(byte) <= signed(last)
  const lower = lowered(byte)
  return lower >= lowered(first) && lower <= lowered(last)
}

/** What glibc's tolower gives for a char: bytes from 0x80 turn positive, all but 0xff (EOF). */
function lowered(byte: number): number {
  return byte === 0xff ? -1 : LOWER[byte]
}

/** A byte as C's char on x86-64. */
function signed(byte: number): number {
  return (byte << 24) >> 24
}
