/** SWAPDB. */
import type { Args } from '../../resp/args.ts'
import { command, integer } from '../command.ts'
import { CommandError } from '../errors.ts'

const BAD_FIRST = new CommandError('ERR invalid first DB index')
const BAD_SECOND = new CommandError('ERR invalid second DB index')
const OUT_OF_RANGE = new CommandError('ERR DB index is out of range')
const NOT_IN_CLUSTER = new CommandError('ERR SWAPDB is not allowed in cluster mode')

/** An integer of 32 bits, whether there is such a database or not. */
function databaseIndex(args: Args, index: number, error: CommandError): number {
  const value = args.safeInteger(index)
  if (!(value >= -2147483648 && value <= 2147483647)) throw error
  return value
}

export const swapdb = command({
  name: 'SWAPDB',
  group: 'server',
  since: '4.0.0',
  complexity: 'O(N) where N is the number of clients that watch or wait for keys of the two',
  summary: 'Exchanges the contents of two databases.',
  arity: 3,
  flags: ['write', 'fast'],
  categories: ['keyspace', 'dangerous'],
  args: [integer('index1'), integer('index2')],
  run({ server, args, reply }) {
    if (server.config.get('cluster-enabled')) throw NOT_IN_CLUSTER
    const { keyspace } = server
    const first = databaseIndex(args, 1, BAD_FIRST)
    const second = databaseIndex(args, 2, BAD_SECOND)
    const last = keyspace.databases.length - 1
    if (Math.min(first, second) < 0 || Math.max(first, second) > last) throw OUT_OF_RANGE
    if (first !== second) {
      keyspace.swap(keyspace.databases[first]!, keyspace.databases[second]!)
      server.tracking.allChanged()
    }
    server.dirty++
    reply.ok()
  },
})
