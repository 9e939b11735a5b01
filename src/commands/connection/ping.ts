/** PING. */
import { command, string } from '../command.ts'
import { wrongNumberOfArguments } from '../errors.ts'

const WRONG_NUMBER_OF_ARGUMENTS = wrongNumberOfArguments('ping')

export const ping = command({
  name: 'PING',
  group: 'connection',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Answers PONG, or the message given.',
  arity: -1,
  flags: ['fast'],
  categories: ['connection'],
  args: [string('message', { optional: true })],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  run({ session, args, reply }) {
    if (args.count > 2) throw WRONG_NUMBER_OF_ARGUMENTS
    if (session.subscriptions !== null && reply.protocol === 2) {
      // In the form of a message: the client takes whatever comes for one.
      reply.array(2)
      reply.bulkText('pong')
      if (args.count === 1) return reply.bulkText('')
    }
    if (args.count === 1) reply.simple('PONG')
    else reply.bulk(args.bytes, args.view, args.starts[1]!, args.ends[1]!)
  },
})
