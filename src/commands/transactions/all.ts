/** The commands of transactions. */
import type { CommandSpec } from '../command.ts'
import { discard, exec, multi } from './multi.ts'
import { unwatch, watch } from './watch.ts'

export const transactionCommands: readonly CommandSpec[] = [multi, exec, discard, watch, unwatch]
