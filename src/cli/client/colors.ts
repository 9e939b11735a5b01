/**
 * Colours, where they are wanted: standard output is a terminal that has them, and the environment
 * does not say NO_COLOR (no-color.org).
 */
import type { Output } from './output.ts'
import { type Palette, PLAIN } from './reply-format.ts'

export function isColorTerminal(output: Output): boolean {
  const { NO_COLOR, TERM } = process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  return output.isTerminal && process.stdout.isTTY === true && TERM !== 'dumb'
}

function painter(code: string): (text: string) => string {
  return (text) => `\x1b[${code}m${text}\x1b[0m`
}

const COLORED: Palette = {
  error: painter('31'),
  number: painter('36'),
  text: painter('32'),
  status: painter('1'),
  nothing: painter('90'),
  index: painter('90'),
}

/** The colours for replies, none where they are not wanted. */
export function paletteFor(output: Output): Palette {
  return isColorTerminal(output) ? COLORED : PLAIN
}
