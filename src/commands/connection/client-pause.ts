/** CLIENT PAUSE and CLIENT UNPAUSE. */
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, oneOf, token } from '../command.ts'
import { CommandError } from '../errors.ts'
import { wrongUsage } from './client-usage.ts'

const BAD_MODE = new CommandError('ERR CLIENT PAUSE mode must be WRITE or ALL')
const NO_TIMEOUT = new CommandError('ERR timeout is not an integer or out of range')
const NEGATIVE_TIMEOUT = new CommandError('ERR timeout is negative')
const TIMEOUT_OUT_OF_RANGE = new CommandError('ERR timeout is out of range')

const MAX_TIME_MS = 2n ** 63n - 1n

export const clientPause = command({
  name: 'PAUSE',
  group: 'connection',
  since: '3.0.0',
  complexity: 'O(1)',
  summary: 'Holds back the commands of all clients, or those that write, for some time.',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [
    integer('timeout'),
    oneOf('mode', [token('WRITE'), token('ALL')], { optional: true, since: '6.2.0' }),
  ],
  history: [['6.2.0', 'New mode `WRITE`, and the argument that chooses it.']],
  run({ server, args, reply }) {
    if (args.count > 4) throw wrongUsage(args)
    const writesOnly = args.count === 4 && args.is(3, 'write')
    if (args.count === 4 && !writesOnly && !args.is(3, 'all')) throw BAD_MODE
    server.pause.begin(endOfPause(args, server.clock.nowMs), writesOnly)
    reply.ok()
  },
})

/** The Unix time in ms at which the pause ends; 0 for one that takes no time. */
function endOfPause(args: Args, nowMs: number): number {
  const timeoutMs = integer64(args, 2, NO_TIMEOUT)
  if (timeoutMs < 0) throw NEGATIVE_TIMEOUT
  if (BigInt(timeoutMs) > MAX_TIME_MS - BigInt(nowMs)) throw TIMEOUT_OUT_OF_RANGE
  return Number(timeoutMs) === 0 ? 0 : nowMs + Number(timeoutMs)
}

export const clientUnpause = command({
  name: 'UNPAUSE',
  group: 'connection',
  since: '6.2.0',
  complexity: 'O(N) where N is the number of clients held back',
  summary: 'Ends a pause, and lets the clients go on that it held back.',
  arity: 2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
  run({ server, reply }) {
    server.pause.end()
    reply.ok()
  },
})
