/**
 * SSCAN: lists the members of a set, some at a time. A dict is stepped through by SCAN's cursor,
 * with SCAN's bound; the small encodings are answered whole, whatever COUNT says, as in Redis.
 */
import type { Address } from '../../arena/arena.ts'
import { TYPE_SET } from '../../keyspace/entry.ts'
import { DICT } from '../../types/set.ts'
import { command } from '../command.ts'
import type { Context } from '../context.ts'
import {
  ELEMENT_SCAN_ARGUMENTS,
  elementScan,
  matchesPattern,
  parseCursor,
  parseElementScan,
  STEPS_PER_COUNT,
} from '../generic/scan-options.ts'
import { cursorsOf, replyMember } from './set-key.ts'

/** The entries of a dict that are to be answered. */
const gathered: Address[] = []

export const sscan = command({
  name: 'SSCAN',
  group: 'set',
  since: '2.8.0',
  complexity: 'O(1) a call, and O(N) in the number of members for all calls until the cursor is 0.',
  summary: 'Lists the members of a set, some at a time.',
  arity: -3,
  flags: ['readonly'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: ELEMENT_SCAN_ARGUMENTS,
  tips: ['nondeterministic_output'],
  run(context) {
    const { args, reply } = context
    const cursor = parseCursor(args, 2)
    const { set } = cursorsOf(context)
    const isThere = context.read(1, TYPE_SET, set)
    if (isThere) parseElementScan(args, 3, false)
    reply.array(2)
    if (isThere && set.encoding === DICT) return replySteps(context, cursor)
    reply.bulkInteger(0)
    if (isThere) replyAll(context)
    else reply.array(0)
  },
})

function replyAll(context: Context): void {
  const { args, reply } = context
  const { set, walk } = cursorsOf(context)
  const mark = reply.beginArray()
  let count = 0
  walk.begin(set)
  while (walk.next()) {
    if (!matchesPattern(args, walk.bytes, walk.start, walk.end)) continue
    replyMember(reply, walk)
    count++
  }
  reply.endArray(mark, count)
}

function replySteps(context: Context, first: number): void {
  const { args, reply } = context
  const { set, walk } = cursorsOf(context)
  const { count } = elementScan
  let seen = 0
  let stepsLeft = count * STEPS_PER_COUNT
  let cursor = first
  gathered.length = 0
  const visit = (entry: Address): void => {
    seen++
    walk.locate(entry)
    if (matchesPattern(args, walk.bytes, walk.start, walk.end)) gathered.push(entry)
  }
  do {
    cursor = set.scan(cursor, visit)
  } while (cursor !== 0 && stepsLeft-- > 0 && seen < count)
  reply.bulkInteger(cursor)
  reply.array(gathered.length)
  for (const entry of gathered) {
    walk.locate(entry)
    replyMember(reply, walk)
  }
  gathered.length = 0
}
