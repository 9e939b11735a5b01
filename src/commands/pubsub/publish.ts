/**
 * PUBLISH and SPUBLISH. Messages are no data: nothing of them comes into the append only file.
 */
import { command, string } from '../command.ts'

export const publish = command({
  name: 'PUBLISH',
  group: 'pubsub',
  since: '2.0.0',
  complexity:
    'O(N+M) where N is the number of clients that listen to the channel and M the number of ' +
    'patterns that anybody listens to.',
  summary: 'Sends a message to all who listen to a channel.',
  arity: 3,
  flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
  args: [string('channel'), string('message')],
  run({ server, args, reply }) {
    const { bytes, ends, starts } = args
    const { pubsub } = server
    reply.integer(pubsub.publish(bytes, starts[1]!, ends[1]!, bytes, starts[2]!, ends[2]!))
  },
})

export const spublish = command({
  name: 'SPUBLISH',
  group: 'pubsub',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of clients that listen to the shard channel.',
  summary: 'Sends a message to all who listen to a shard channel.',
  arity: 3,
  flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
  keys: [{ begin: 1, access: 'RO', flags: ['not_key'] }],
  args: [string('shardchannel'), string('message')],
  run({ server, args, reply }) {
    const { bytes, ends, starts } = args
    const { pubsub } = server
    reply.integer(pubsub.publishToShard(bytes, starts[1]!, ends[1]!, bytes, starts[2]!, ends[2]!))
  },
})
