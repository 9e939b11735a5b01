/** Arguments as C sees them, which ends at the first NUL: what Redis checks and repeats. */
import type { Args } from '../resp/args.ts'

/** Argument `index` up to its first NUL. */
export function cString(args: Args, index: number): string {
  return untilNul(args.text(index))
}

/** A text up to its first NUL. */
export function untilNul(text: string): string {
  const nul = text.indexOf('\0')
  return nul < 0 ? text : text.slice(0, nul)
}
