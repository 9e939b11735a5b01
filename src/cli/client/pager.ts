/**
 * Long replies at the prompt go through a pager: the command that PAGER names, or `less -R`, which
 * keeps colours. Without one they are shown as they are.
 */
import { spawnSync } from 'node:child_process'
import type { LineInput } from './line-input.ts'

/** The rows that the prompt and the line before need. */
const KEPT_ROWS = 2
const NOT_FOUND = 127

/** Whether a text has more lines than the terminal. */
export function isLong(text: string): boolean {
  const rows = (process.stdout.rows || 24) - KEPT_ROWS
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (++lines > rows) return true
  }
  return false
}

/** Shows bytes (Latin-1) in the pager. @returns false if there is none */
export function page(text: string, input: LineInput): boolean {
  const command = process.env.PAGER || 'less -R'
  const result = input.lend(() =>
    spawnSync(command, {
      shell: true,
      input: Buffer.from(text, 'latin1'),
      stdio: ['pipe', 'inherit', 'inherit'],
    }),
  )
  return result.error === undefined && result.status !== NOT_FOUND
}
