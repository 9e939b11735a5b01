/** What is long enough for the pager. */

/** The rows that the prompt and the line before need. */
const KEPT_ROWS = 2

/** Whether a text has more lines than the terminal. */
export function isLong(text: string): boolean {
  const rows = (process.stdout.rows || 24) - KEPT_ROWS
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (++lines > rows) return true
  }
  return false
}
