/** The commands of the connection group. */
import type { CommandSpec } from '../command.ts'
import { ping } from './ping.ts'

export const connectionCommands: readonly CommandSpec[] = [ping]
