/** Which arguments of a request are secret: passwords, above all. Logs and MONITOR hide them. */
import type { Command } from '../commands/command-table.ts'
import type { Args } from '../resp/args.ts'
import type { Server } from './server.ts'

/** What is shown in place of a secret. */
export const REDACTED = '(redacted)'
const NONE: readonly number[] = []

/** The indexes of the arguments to hide, as the command's declaration tells them. */
export function secretsOf({ config }: Server, { spec }: Command, args: Args): readonly number[] {
  return spec.secrets?.(args, (directive) => config.isSensitive(directive)) ?? NONE
}
