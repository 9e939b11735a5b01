/** BITCOUNT. */
import { StringValue } from '../../keyspace/string-value.ts'
import { countBitRange } from '../../types/bitmap.ts'
import { integer64 } from '../arguments.ts'
import { block, command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { SYNTAX_ERROR } from '../errors.ts'
import { readString } from '../string/string-key.ts'
import { fromStart, UNIT, unitBits } from './bit-range.ts'

const value = new StringValue()

/** How many bits of `value` are set in the range that the arguments give. */
function count({ args }: Context): number {
  const { length, start, view } = value
  if (args.count === 2) return countBitRange(view, start, 0, length * 8)
  if (args.count !== 4 && args.count !== 5) throw SYNTAX_ERROR
  const first = integer64(args, 2)
  const last = integer64(args, 3)
  // Two negative indexes in the wrong order stay empty even where both lie before the start.
  if (first < 0 && last < 0 && first > last) return 0
  const bits = args.count === 5 ? unitBits(args, 4) : 8
  const units = (length * 8) / bits
  const from = fromStart(first, units)
  const to = Math.min(fromStart(last, units) + 1, units)
  return countBitRange(view, start, from * bits, to * bits)
}

export const bitcount = command({
  name: 'BITCOUNT',
  group: 'bitmap',
  since: '2.6.0',
  complexity: 'O(N) where N is the length of the range.',
  summary: 'Counts the bits that are set in the string value of a key, or in a part of it.',
  arity: -2,
  flags: ['readonly'],
  categories: ['bitmap'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), block('range', [integer('start'), integer('end'), UNIT], { optional: true })],
  history: [['7.0.0', 'Added the options `BYTE` and `BIT`.']],
  run(context) {
    // The rest of the arguments is not looked at where there is no key, as in Redis.
    context.reply.integer(readString(context, 1, value) ? count(context) : 0)
  },
})
