/** The commands of the server group. */
import type { CommandSpec } from '../command.ts'

export const serverCommands: readonly CommandSpec[] = []
