/**
 * Long replies at the prompt go through a pager: the command that PAGER names, or `less -R`, which
 * keeps colours. Without one they are shown as they are.
 */
import { spawnSync } from 'node:child_process'
import type { LineInput } from './line-input.ts'

/** What a shell answers for a command that it does not find. */
const NOT_FOUND = 127

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
