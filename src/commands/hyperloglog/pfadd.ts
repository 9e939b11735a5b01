/** PFADD. */

import { StringValue } from '../../keyspace/string-value.ts'
import { DENSE, dropCount, formOf, HEADER_BYTES } from '../../types/hyperloglog.ts'
import { raiseDenseRegister } from '../../types/hyperloglog-dense.ts'
import { elementPattern, INDEX_BITS, REGISTERS } from '../../types/hyperloglog-hash.ts'
import { CHANGED, CORRUPTED } from '../../types/hyperloglog-sparse.ts'
import { command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import {
  CORRUPTED_HYPERLOGLOG,
  draft,
  labelRaw,
  locateHyperLogLog,
  sparseMaxBytes,
  storeDraft,
} from './hyperloglog-key.ts'

const value = new StringValue()

/** Adds the elements to a dense one where it is. @returns whether a register changed */
function addInPlace({ args }: Context): boolean {
  const { bytes, start } = value
  let changed = false
  for (let i = 2; i < args.count; i++) {
    const pattern = elementPattern(args.view, args.starts[i]!, args.ends[i]!)
    const index = pattern & (REGISTERS - 1)
    if (raiseDenseRegister(bytes, start + HEADER_BYTES, index, pattern >>> INDEX_BITS)) {
      changed = true
    }
  }
  if (changed) dropCount(bytes, start)
  return changed
}

/** Adds the elements to the draft. @returns whether a register changed */
function addToDraft(context: Context): boolean {
  const { args } = context
  const maxBytes = sparseMaxBytes(context)
  let changed = false
  for (let i = 2; i < args.count; i++) {
    const pattern = elementPattern(args.view, args.starts[i]!, args.ends[i]!)
    const result = draft.raise(pattern & (REGISTERS - 1), pattern >>> INDEX_BITS, maxBytes)
    if (result === CORRUPTED) throw CORRUPTED_HYPERLOGLOG
    if (result === CHANGED) changed = true
  }
  if (changed) dropCount(draft.bytes, 0)
  return changed
}

export const pfadd = command({
  name: 'PFADD',
  group: 'hyperloglog',
  since: '2.8.9',
  complexity: 'O(1) for each element.',
  summary: 'Adds elements to a HyperLogLog; a missing key is made.',
  arity: -2,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hyperloglog'],
  keys: [{ begin: 1, access: 'RW', intent: 'insert' }],
  args: [key('key'), string('element', { optional: true, multiple: true })],
  run(context) {
    const { db, args, reply } = context
    let changed: boolean
    if (!locateHyperLogLog(context, db.findForWrite(args, 1), value)) {
      draft.begin()
      addToDraft(context)
      dropCount(draft.bytes, 0)
      storeDraft(context, 1)
      changed = true
    } else if (formOf(value.bytes, value.start) === DENSE) {
      labelRaw(context, 1, value)
      changed = addInPlace(context)
    } else {
      if (!draft.load(value.bytes, value.start, value.end)) throw CORRUPTED_HYPERLOGLOG
      changed = addToDraft(context)
      if (changed) storeDraft(context, 1)
      else labelRaw(context, 1, value)
    }
    if (changed) context.touched(1, 'pfadd')
    reply.integer(changed ? 1 : 0)
  },
})
