/**
 * How many columns a text takes on a terminal: none for marks that combine with what is before
 * them, two for East Asian wide characters and most emoji, one for all others (Unicode's UAX #11).
 */

const MARK = /^(\p{M}|[\u200b-\u200d])$/u
const EMOJI = /^\p{Emoji_Presentation}$/u

/** First and last code points of what is wide. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
]

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!
  if (code < 0x300) return 1
  if (MARK.test(character)) return 0
  return WIDE.some(([first, last]) => code >= first && code <= last) || EMOJI.test(character)
    ? 2
    : 1
}

export function textWidth(text: string): number {
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** The longest beginning of a text that fits into so many columns. */
export function fitted(text: string, columns: number): string {
  let width = 0
  let end = 0
  for (const character of text) {
    width += characterWidth(character)
    if (width > columns) break
    end += character.length
  }
  return text.slice(0, end)
}
