/** SETBIT and GETBIT. */
import { StringValue } from '../../keyspace/string-value.ts'
import { command, integer, key } from '../command.ts'
import { CommandError } from '../errors.ts'
import { readString } from '../string/string-key.ts'
import { bitOffset } from './bit-offset.ts'
import { openBits } from './bit-string.ts'

const NOT_A_BIT = new CommandError('ERR bit is not an integer or out of range')

const value = new StringValue()

export const setbit = command({
  name: 'SETBIT',
  group: 'bitmap',
  since: '2.2.0',
  complexity: 'O(1)',
  summary: 'Sets or clears a bit of the string value of a key; a missing key is made.',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['bitmap'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'update'] }],
  args: [key('key'), integer('offset'), integer('value')],
  run(context) {
    const { args, reply } = context
    const offset = bitOffset(context, 2)
    const bit = args.safeInteger(3)
    if (bit !== 0 && bit !== 1) throw NOT_A_BIT
    const length = Math.floor(offset / 8) + 1
    const isLonger = openBits(context, value, length)
    const { bytes } = value
    const at = value.start + length - 1
    const mask = 0x80 >>> (offset & 7)
    const old = bytes[at]!
    const oldBit = (old & mask) === 0 ? 0 : 1
    if (isLonger || oldBit !== bit) {
      bytes[at] = bit === 1 ? old | mask : old & ~mask
      context.touched(1, 'setbit')
    }
    reply.integer(oldBit)
  },
})

export const getbit = command({
  name: 'GETBIT',
  group: 'bitmap',
  since: '2.2.0',
  complexity: 'O(1)',
  summary: 'Returns a bit of the string value of a key.',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['bitmap'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), integer('offset')],
  run(context) {
    const offset = bitOffset(context, 2)
    if (!readString(context, 1, value)) return context.reply.integer(0)
    const byte = Math.floor(offset / 8)
    const isSet = byte < value.length && value.bytes[value.start + byte]! & (0x80 >>> (offset & 7))
    context.reply.integer(isSet ? 1 : 0)
  },
})
