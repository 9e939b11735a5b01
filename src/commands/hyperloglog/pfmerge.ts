/** PFMERGE. */

import { StringValue } from '../../keyspace/string-value.ts'
import { DENSE, dropCount, formOf, HEADER_BYTES, mergeRegisters } from '../../types/hyperloglog.ts'
import { raiseDenseRegisters } from '../../types/hyperloglog-dense.ts'
import { REGISTERS } from '../../types/hyperloglog-hash.ts'
import { command, key } from '../command.ts'
import {
  CORRUPTED_HYPERLOGLOG,
  draft,
  labelRaw,
  locateHyperLogLog,
  sparseMaxBytes,
  storeDraft,
} from './hyperloglog-key.ts'

const value = new StringValue()
const maximum = new Uint8Array(REGISTERS)

export const pfmerge = command({
  name: 'PFMERGE',
  group: 'hyperloglog',
  since: '2.8.9',
  complexity: 'O(N) with N HyperLogLogs, each of which is read as a whole.',
  summary: 'Merges HyperLogLogs into one key, which is one of them if it exists.',
  arity: -2,
  flags: ['write', 'denyoom'],
  categories: ['hyperloglog'],
  keys: [
    { begin: 1, access: 'RW', intent: ['access', 'insert'] },
    { begin: 2, last: -1, access: 'RO', intent: 'access' },
  ],
  args: [key('destkey'), key('sourcekey', { optional: true, multiple: true, keySpec: 1 })],
  run(context) {
    const { db, args, reply } = context
    maximum.fill(0)
    let isAnyDense = false
    for (let i = 1; i < args.count; i++) {
      if (!locateHyperLogLog(context, db.findForRead(args, i), value)) continue
      const { bytes, start, end } = value
      if (formOf(bytes, start) === DENSE) isAnyDense = true
      if (!mergeRegisters(bytes, start, end, maximum)) throw CORRUPTED_HYPERLOGLOG
    }
    const exists = locateHyperLogLog(context, db.findForWrite(args, 1), value)
    if (exists && formOf(value.bytes, value.start) === DENSE) {
      labelRaw(context, 1, value)
      raiseDenseRegisters(value.bytes, value.start + HEADER_BYTES, maximum)
      dropCount(value.bytes, value.start)
    } else {
      if (!exists) draft.begin()
      else if (!draft.load(value.bytes, value.start, value.end)) throw CORRUPTED_HYPERLOGLOG
      if (isAnyDense && !draft.makeDense()) throw CORRUPTED_HYPERLOGLOG
      if (!draft.raiseAll(maximum, sparseMaxBytes(context))) throw CORRUPTED_HYPERLOGLOG
      storeDraft(context, 1)
    }
    context.touched(1, 'pfadd')
    reply.ok()
  },
})
