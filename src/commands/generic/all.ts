/** The commands of the generic group. */
import type { CommandSpec } from '../command.ts'

export const genericCommands: readonly CommandSpec[] = []
