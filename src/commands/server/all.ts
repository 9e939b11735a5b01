/** The commands of the server group. */
import type { CommandSpec } from '../command.ts'
import { commandCommand } from './command-command.ts'
import { config } from './config.ts'
import { dbsize } from './dbsize.ts'
import { debug } from './debug.ts'
import { flushall, flushdb } from './flush.ts'
import { info } from './info.ts'
import { latency } from './latency.ts'
import { lolwut } from './lolwut.ts'
import { memory } from './memory.ts'
import { monitor } from './monitor.ts'
import { bgrewriteaof, bgsave, lastsave, save } from './save.ts'
import { shutdown } from './shutdown.ts'
import { commandlog, slowlog } from './slowlog.ts'
import { swapdb } from './swapdb.ts'
import { time } from './time.ts'

export const serverCommands: readonly CommandSpec[] = [
  bgrewriteaof,
  bgsave,
  commandCommand,
  commandlog,
  config,
  dbsize,
  debug,
  flushall,
  flushdb,
  info,
  lastsave,
  latency,
  lolwut,
  memory,
  monitor,
  save,
  shutdown,
  slowlog,
  swapdb,
  time,
]
