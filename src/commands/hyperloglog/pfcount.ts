/** PFCOUNT. */

import { StringValue } from '../../keyspace/string-value.ts'
import {
  countPlainRegisters,
  countRegisters,
  hasCount,
  keepCount,
  keptCount,
  mergeRegisters,
} from '../../types/hyperloglog.ts'
import { REGISTERS } from '../../types/hyperloglog-hash.ts'
import { command, key } from '../command.ts'
import type { Context } from '../context.ts'
import { CORRUPTED_HYPERLOGLOG, labelRaw, locateHyperLogLog } from './hyperloglog-key.ts'

const value = new StringValue()
const maximum = new Uint8Array(REGISTERS)

/** The count of one key, which is kept in its value until the next change. */
function countOne(context: Context): number | bigint {
  const { db, args } = context
  if (!locateHyperLogLog(context, db.findForRead(args, 1), value)) return 0
  labelRaw(context, 1, value)
  const { bytes, view, start, end } = value
  if (hasCount(bytes, start)) return keptCount(view, start)
  const count = countRegisters(bytes, start, end)
  if (count === null) throw CORRUPTED_HYPERLOGLOG
  keepCount(view, start, count)
  // The value is another, though it means the same: files and replicas are to get it, and who
  // watches it takes it for a change.
  context.changed(1)
  return count
}

/** The count of what the keys would be if they were merged. */
function countUnion(context: Context): number | bigint {
  const { db, args } = context
  maximum.fill(0)
  for (let i = 1; i < args.count; i++) {
    if (!locateHyperLogLog(context, db.findForRead(args, i), value)) continue
    if (!mergeRegisters(value.bytes, value.start, value.end, maximum)) throw CORRUPTED_HYPERLOGLOG
  }
  return countPlainRegisters(maximum)
}

export const pfcount = command({
  name: 'PFCOUNT',
  group: 'hyperloglog',
  since: '2.8.9',
  complexity:
    'O(1) with one key, whose count is kept until it changes. O(N) with N keys, each of which ' +
    'is read as a whole.',
  summary: 'Estimates how many different elements were added to the HyperLogLogs together.',
  arity: -2,
  flags: ['readonly', 'may_replicate'],
  categories: ['hyperloglog'],
  keys: [
    {
      begin: 1,
      last: -1,
      access: 'RW',
      intent: 'access',
      notes:
        'RW because it may change the internal representation of the key, ' +
        'and propagate to replicas',
    },
  ],
  args: [key('key', { multiple: true })],
  run(context) {
    const count = context.args.count === 2 ? countOne(context) : countUnion(context)
    if (typeof count === 'bigint') context.reply.bigInteger(count)
    else context.reply.integer(count)
  },
})
