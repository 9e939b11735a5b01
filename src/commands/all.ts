/** Every command there is. */
import { aclCommands } from './acl/all.ts'
import { bitmapCommands } from './bitmap/all.ts'
import type { CommandSpec } from './command.ts'
import { connectionCommands } from './connection/all.ts'
import { genericCommands } from './generic/all.ts'
import { hashCommands } from './hash/all.ts'
import { hyperloglogCommands } from './hyperloglog/all.ts'
import { listCommands } from './list/all.ts'
import { pubsubCommands } from './pubsub/all.ts'
import { serverCommands } from './server/all.ts'
import { setCommands } from './set/all.ts'
import { sortedSetCommands } from './sorted-set/all.ts'
import { stringCommands } from './string/all.ts'
import { transactionCommands } from './transactions/all.ts'

export const COMMANDS: readonly CommandSpec[] = [
  ...aclCommands,
  ...bitmapCommands,
  ...connectionCommands,
  ...genericCommands,
  ...hashCommands,
  ...hyperloglogCommands,
  ...listCommands,
  ...pubsubCommands,
  ...serverCommands,
  ...setCommands,
  ...sortedSetCommands,
  ...stringCommands,
  ...transactionCommands,
]
