/** BITFIELD and BITFIELD_RO. */
import { StringValue } from '../../keyspace/string-value.ts'
import { addToField, readField, setField, writeField } from '../../types/bitfield.ts'
import { type ArgSpec, block, command, integer, key, oneOf, string, token } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'
import { readString } from '../string/string-key.ts'
import { openBits } from './bit-string.ts'
import { FieldRequests } from './field-requests.ts'

const ONLY_GET = new CommandError('ERR BITFIELD_RO only supports the GET subcommand')

const value = new StringValue()
const requests = new FieldRequests()
/** Of the request that is being worked on: how many operations, and up to which byte they write. */
let operations = 0
let writtenBytes = 0

/** Goes through all operations, so that nothing is done if one is wrong. */
function check(context: Context): void {
  operations = 0
  writtenBytes = 0
  requests.begin()
  while (requests.next(context)) {
    operations++
    if (requests.operation === 'get') continue
    const end = Math.floor((requests.offset + requests.bits - 1) / 8) + 1
    writtenBytes = Math.max(writtenBytes, end)
  }
}

function replyField({ reply }: Context, field: number | bigint): void {
  if (typeof field === 'number') reply.integer(field)
  else reply.bigInteger(field)
}

/** Answers the operations, all of which are GET. */
function get(context: Context): void {
  if (!readString(context, 1, value)) value.clear()
  const { end, start, view } = value
  context.reply.array(operations)
  requests.beginAgain()
  while (requests.next(context)) {
    replyField(context, readField(view, start, end, requests.offset, requests))
  }
}

/**
 * Carries out the operation that `requests` is at.
 *
 * @param isLonger whether the string has become longer, for which whatever is set is a change
 * @returns whether something has changed
 */
function change(context: Context, isLonger: boolean): boolean {
  const { end, start, view } = value
  const { offset, operation, overflow } = requests
  const old = readField(view, start, end, offset, requests)
  const changed =
    operation === 'set'
      ? setField(requests, requests.value, overflow)
      : addToField(requests, old, requests.value, overflow)
  if (changed === null) {
    context.reply.nil()
    return false
  }
  writeField(view, start, offset, requests, changed)
  replyField(context, operation === 'set' ? old : changed)
  return isLonger || changed !== old
}

/** Carries out operations that write: the string is first made as long as they reach. */
function getAndChange(context: Context): void {
  const { reply, server } = context
  const isLonger = openBits(context, value, writtenBytes)
  const { end, start, view } = value
  let changes = 0
  reply.array(operations)
  requests.beginAgain()
  while (requests.next(context)) {
    if (requests.operation === 'get') {
      replyField(context, readField(view, start, end, requests.offset, requests))
    } else if (change(context, isLonger)) {
      changes++
    }
  }
  if (changes === 0) return
  context.touched(1, 'setbit')
  server.dirty += changes - 1
}

const FIELD: readonly ArgSpec[] = [string('encoding'), integer('offset')]
const OVERFLOW = oneOf('overflow-block', [token('WRAP'), token('SAT'), token('FAIL')], {
  token: 'OVERFLOW',
  optional: true,
})

export const bitfield = command({
  name: 'BITFIELD',
  group: 'bitmap',
  since: '3.2.0',
  complexity: 'O(1) for each operation.',
  summary: 'Reads, sets and increments integers of any width in the string value of a key.',
  arity: -2,
  flags: ['write', 'denyoom'],
  categories: ['bitmap'],
  keys: [
    {
      begin: 1,
      access: 'RW',
      intent: ['update', 'access'],
      flags: ['variable_flags'],
      notes: 'This command allows both access and modification of the key',
    },
  ],
  args: [
    key('key'),
    oneOf(
      'operation',
      [
        block('get-block', FIELD, { token: 'GET' }),
        block('write', [
          OVERFLOW,
          oneOf('write-operation', [
            block('set-block', [...FIELD, integer('value')], { token: 'SET' }),
            block('incrby-block', [...FIELD, integer('increment')], { token: 'INCRBY' }),
          ]),
        ]),
      ],
      { optional: true, multiple: true },
    ),
  ],
  run(context) {
    check(context)
    if (writtenBytes === 0) get(context)
    else getAndChange(context)
  },
})

export const bitfieldRo = command({
  name: 'BITFIELD_RO',
  group: 'bitmap',
  since: '6.0.0',
  complexity: 'O(1) for each operation.',
  summary: 'Reads integers of any width in the string value of a key.',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['bitmap'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [
    key('key'),
    block('get-block', FIELD, {
      token: 'GET',
      optional: true,
      multiple: true,
      multipleToken: true,
    }),
  ],
  run(context) {
    check(context)
    if (writtenBytes > 0) throw ONLY_GET
    get(context)
  },
})
