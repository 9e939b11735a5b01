/**
 * ZSCAN: lists the members of a sorted set, some at a time. A small set is answered whole; for a
 * large one the cursor is a position in the hash space of its dict, as for SCAN.
 *
 * Scores are texts also in RESP3, and as in Redis 7.2 those of a large set have 17 digits.
 */
import { formatDouble17, formatDoubleShortest } from '../../bytes/doubles.ts'
import { command } from '../command.ts'
import {
  ELEMENT_SCAN_ARGUMENTS,
  elementScan,
  matchesPattern,
  parseCursor,
  parseElementScan,
  STEPS_PER_COUNT,
} from '../generic/scan-options.ts'
import { readSortedSet } from './cursors.ts'

/** Positions of the members to answer. */
const gathered: number[] = []

export const zscan = command({
  name: 'ZSCAN',
  group: 'sorted-set',
  since: '2.8.0',
  complexity: 'O(1) a call, and O(N) in the number of members for all calls until the cursor is 0.',
  summary: 'Lists the members of a sorted set with their scores, some at a time.',
  arity: -3,
  flags: ['readonly'],
  categories: ['sortedset'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: ELEMENT_SCAN_ARGUMENTS,
  tips: ['nondeterministic_output'],
  run(context) {
    const { args, reply } = context
    let cursor = parseCursor(args, 2)
    const set = readSortedSet(context, 1)
    if (set === null) {
      reply.array(2)
      reply.bulkInteger(0)
      return reply.array(0)
    }
    parseElementScan(args, 3, false)
    const { count } = elementScan
    let seen = 0
    let stepsLeft = count * STEPS_PER_COUNT
    gathered.length = 0
    const visit = (position: number): void => {
      seen++
      set.read(position)
      if (matchesPattern(args, set.bytes, set.start, set.end)) gathered.push(position)
    }
    do {
      cursor = set.scan(cursor, visit)
    } while (cursor !== 0 && stepsLeft-- > 0 && seen < count)
    reply.array(2)
    reply.bulkInteger(cursor)
    reply.array(gathered.length * 2)
    for (const position of gathered) {
      set.read(position)
      reply.bulk(set.bytes, set.view, set.start, set.end)
      reply.bulkText(set.isPacked ? formatDoubleShortest(set.score) : formatDouble17(set.score))
    }
    gathered.length = 0
  },
})
