/** BITPOS. */
import { StringValue } from '../../keyspace/string-value.ts'
import { findBit } from '../../types/bitmap.ts'
import { integer64 } from '../arguments.ts'
import { block, command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { readString } from '../string/string-key.ts'
import { fromStart, UNIT, unitBits } from './bit-range.ts'

const NOT_A_BIT = new CommandError('ERR The bit argument must be 1 or 0.')

const value = new StringValue()

/** Where the first bit of `value` that is `bit` is in the range that the arguments give. */
function position({ args }: Context, bit: number): number {
  if (args.count > 6) throw SYNTAX_ERROR
  const first = args.count > 3 ? integer64(args, 3) : 0
  const bits = args.count > 5 ? unitBits(args, 5) : 8
  const last = args.count > 4 ? integer64(args, 4) : -1
  const { length, start, view } = value
  const units = (length * 8) / bits
  const from = fromStart(first, units)
  const to = Math.min(fromStart(last, units) + 1, units)
  if (from >= to) return -1
  const found = findBit(view, start, from * bits, to * bits, bit)
  // Without an end, the zeros go on behind the string.
  return found < 0 && bit === 0 && args.count <= 4 ? length * 8 : found
}

export const bitpos = command({
  name: 'BITPOS',
  group: 'bitmap',
  since: '2.8.7',
  complexity: 'O(N) where N is the length of the range.',
  summary: 'Finds the first bit that is set, or clear, in the string value of a key.',
  arity: -3,
  flags: ['readonly'],
  categories: ['bitmap'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [
    key('key'),
    integer('bit'),
    block(
      'range',
      [integer('start'), block('end-unit-block', [integer('end'), UNIT], { optional: true })],
      { optional: true },
    ),
  ],
  history: [['7.0.0', 'Added the options `BYTE` and `BIT`.']],
  run(context) {
    const { args, reply } = context
    const bit = integer64(args, 2)
    if (bit !== 0 && bit !== 1) throw NOT_A_BIT
    // The rest of the arguments is not looked at where there is no key, as in Redis.
    if (!readString(context, 1, value)) return reply.integer(bit === 1 ? -1 : 0)
    reply.integer(position(context, bit))
  },
})
