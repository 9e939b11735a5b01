/** DEBUG PROTOCOL: a fixed reply of each type that the protocol has, for clients to test with. */
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'

const WRONG_TYPE_NAME = new CommandError(
  'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|' +
    'null|array|set|map|attrib|push|verbatim|true|false',
)
const RESP3_ONLY = new CommandError('ERR RESP2 is not supported by this command')
const BIG_NUMBER = '1234567999999999999999999999999999999'

type Write = (reply: Context['reply']) => void

function writeThree(reply: Context['reply']): void {
  for (let i = 0; i < 3; i++) reply.integer(i)
}

const REPLIES = new Map<string, Write>([
  ['string', (reply) => reply.bulkText('Hello World')],
  ['integer', (reply) => reply.integer(12345)],
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the number that Redis answers
  ['double', (reply) => reply.double(3.141)],
  ['bignum', (reply) => reply.bigNumber(BIG_NUMBER)],
  ['null', (reply) => reply.nil()],
  [
    'array',
    (reply) => {
      reply.array(3)
      writeThree(reply)
    },
  ],
  [
    'set',
    (reply) => {
      reply.set(3)
      writeThree(reply)
    },
  ],
  [
    'map',
    (reply) => {
      reply.map(3)
      for (let i = 0; i < 3; i++) {
        reply.integer(i)
        reply.boolean(i === 1)
      }
    },
  ],
  [
    'attrib',
    (reply) => {
      if (reply.protocol === 3) {
        reply.attribute(1)
        reply.bulkText('key-popularity')
        reply.array(2)
        reply.bulkText('key:123')
        reply.integer(90)
      }
      reply.bulkText('Some real reply following the attribute')
    },
  ],
  [
    'push',
    (reply) => {
      if (reply.protocol === 2) throw RESP3_ONLY
      reply.push(2)
      reply.bulkText('server-cpu-usage')
      reply.integer(42)
      reply.bulkText('Some real reply following the push reply')
    },
  ],
  ['verbatim', (reply) => reply.verbatim('txt', 'This is a verbatim\nstring')],
  ['true', (reply) => reply.boolean(true)],
  ['false', (reply) => reply.boolean(false)],
])

export function replyOfType(reply: Context['reply'], name: string): void {
  const write = REPLIES.get(name.toLowerCase())
  if (write === undefined) throw WRONG_TYPE_NAME
  write(reply)
}
