/** The commands of the string group. */
import type { CommandSpec } from '../command.ts'
import { get } from './get.ts'
import { set } from './set.ts'

export const stringCommands: readonly CommandSpec[] = [get, set]
