/**
 * HSCAN: lists the fields of a hash, some at a time. A small hash is answered whole; for a large
 * one the cursor is a position in the hash space of its dict, as for SCAN.
 */
import { command, token } from '../command.ts'
import {
  ELEMENT_SCAN_ARGUMENTS,
  elementScan,
  matchesPattern,
  parseCursor,
  parseElementScan,
  STEPS_PER_COUNT,
} from '../generic/scan-options.ts'
import { readHash } from './hash-key.ts'
import { replyField, replyValue } from './hgetall.ts'

/** Positions of the fields to answer. */
const gathered: number[] = []

export const hscan = command({
  name: 'HSCAN',
  group: 'hash',
  since: '2.8.0',
  complexity: 'O(1) a call, and O(N) in the number of fields for all calls until the cursor is 0.',
  summary: 'Lists the fields of a hash with their values, some at a time.',
  arity: -3,
  flags: ['readonly'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [...ELEMENT_SCAN_ARGUMENTS, token('NOVALUES', { optional: true, since: '7.4.0' })],
  tips: ['nondeterministic_output'],
  run(context) {
    const { args, db, reply } = context
    let cursor = parseCursor(args, 2)
    const hash = readHash(context)
    if (hash === null) {
      reply.array(2)
      reply.bulkInteger(0)
      return reply.array(0)
    }
    parseElementScan(args, 3, true)
    const { count, noValues } = elementScan
    const { pair } = hash
    const { nowMs } = db.fields
    let seen = 0
    let stepsLeft = count * STEPS_PER_COUNT
    gathered.length = 0
    do {
      cursor = hash.scan(cursor, (position) => {
        seen++
        hash.read(position)
        const { bytes, fieldEnd, fieldStart } = pair
        if (pair.expireAtMs < nowMs) return
        if (matchesPattern(args, bytes, fieldStart, fieldEnd)) gathered.push(position)
      })
    } while (cursor !== 0 && stepsLeft-- > 0 && seen < count)
    reply.array(2)
    reply.bulkInteger(cursor)
    reply.array(noValues ? gathered.length : gathered.length * 2)
    for (const position of gathered) {
      hash.read(position)
      replyField(reply, pair)
      if (!noValues) replyValue(reply, pair)
    }
    gathered.length = 0
  },
})
