/** PUBSUB: which channels are listened to, and by how many. */
import { globMatch } from '../../bytes/glob.ts'
import { type CommandSpec, command, pattern, string } from '../command.ts'
import { wrongUsage } from '../connection/client-usage.ts'
import type { Context, Session } from '../context.ts'
import { replyWithHelp } from '../server/help.ts'

type Listeners = ReadonlyMap<string, ReadonlySet<Session>>

const family = {
  group: 'pubsub',
  flags: ['pubsub', 'loading', 'stale'],
} as const

/** Answers the names that are listened to, those that match argument 2 if it is given. */
function replyNames(context: Context, listeners: Listeners): void {
  const { args, reply } = context
  if (args.count > 3) throw wrongUsage(args)
  const glob = args.count === 2 ? null : args.slice(2)
  const mark = reply.beginArray()
  let count = 0
  for (const name of listeners.keys()) {
    if (glob !== null && !globMatch(glob, Buffer.from(name, 'latin1'), false)) continue
    reply.bulkText(name)
    count++
  }
  reply.endArray(mark, count)
}

/** Answers each of the names in the request with the number of those who listen to it. */
function replyCounts({ args, reply }: Context, listeners: Listeners): void {
  reply.array((args.count - 2) * 2)
  for (let i = 2; i < args.count; i++) {
    const name = args.text(i)
    reply.bulkText(name)
    reply.integer(listeners.get(name)?.size ?? 0)
  }
}

const channels = command({
  ...family,
  name: 'CHANNELS',
  since: '2.8.0',
  complexity: 'O(N) where N is the number of channels that are listened to.',
  summary: 'Answers the channels that are listened to, or those that match a pattern.',
  arity: -2,
  args: [pattern('pattern', { optional: true })],
  run: (context) => replyNames(context, context.server.pubsub.channels),
})

const numpat = command({
  ...family,
  name: 'NUMPAT',
  since: '2.8.0',
  complexity: 'O(1)',
  summary: 'Answers how many patterns are listened to.',
  arity: 2,
  run: ({ server, reply }) => reply.integer(server.pubsub.patternCount),
})

const numsub = command({
  ...family,
  name: 'NUMSUB',
  since: '2.8.0',
  complexity: 'O(N) where N is the number of channels given.',
  summary: 'Answers how many clients listen to each channel, those by patterns left out.',
  arity: -2,
  args: [string('channel', { optional: true, multiple: true })],
  run: (context) => replyCounts(context, context.server.pubsub.channels),
})

const shardchannels = command({
  ...family,
  name: 'SHARDCHANNELS',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of shard channels that are listened to.',
  summary: 'Answers the shard channels that are listened to, or those that match a pattern.',
  arity: -2,
  args: [pattern('pattern', { optional: true })],
  run: (context) => replyNames(context, context.server.pubsub.shardChannels),
})

const shardnumsub = command({
  ...family,
  name: 'SHARDNUMSUB',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of shard channels given.',
  summary: 'Answers how many clients listen to each shard channel.',
  arity: -2,
  args: [string('shardchannel', { optional: true, multiple: true })],
  run: (context) => replyCounts(context, context.server.pubsub.shardChannels),
})

const help = command({
  name: 'HELP',
  group: 'pubsub',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Explains the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  run: (context) => replyWithHelp(context, 'PUBSUB', subcommands),
})

const subcommands: readonly CommandSpec[] = [
  channels,
  help,
  numpat,
  numsub,
  shardchannels,
  shardnumsub,
]

export const pubsub = command({
  name: 'PUBSUB',
  group: 'pubsub',
  since: '2.8.0',
  complexity: 'Depends on the subcommand.',
  summary: 'Tells about channels and those who listen to them.',
  arity: -2,
  flags: [],
  subcommands,
})
