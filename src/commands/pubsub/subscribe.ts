/**
 * SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites. Each name is confirmed by a message of its
 * own, which CLIENT REPLY does not silence, since it is a push and no reply.
 */

import { isSilent } from '../../resp/reply-mode.ts'
import { type ArgSpec, command, pattern, string } from '../command.ts'
import type { Context, Session, SubscriptionKind } from '../context.ts'
import { CommandError } from '../errors.ts'

const SHARD_IN_EXEC = new CommandError("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")

/** How many names a session listens to, as it is told: those of shards are counted apart. */
function countFor({ subscriptions }: Session, kind: SubscriptionKind): number {
  if (subscriptions === null) return 0
  if (kind === 'shardChannels') return subscriptions.shardChannels.size
  return subscriptions.channels.size + subscriptions.patterns.size
}

function confirm(
  { reply, session }: Context,
  word: string,
  kind: SubscriptionKind,
  name: string | null,
): void {
  reply.push(3)
  reply.bulkText(word)
  if (name === null) reply.nil()
  else reply.bulkText(name)
  reply.integer(countFor(session, kind))
}

/** Writes confirmations, apart from the reply if that is silenced. */
function unsilenced({ server, session }: Context, write: () => void): void {
  if (!isSilent(session.replyMode)) return write()
  const { reply } = server
  const mark = reply.length
  write()
  const confirmations = Buffer.from(reply.bytes.subarray(mark, reply.length))
  reply.truncate(mark)
  server.dispatcher.unsilenced = confirmations
}

function subscribing(word: string, kind: SubscriptionKind): (context: Context) => void {
  return (context) => {
    const { args, server, session } = context
    if (kind === 'shardChannels' && session.transaction?.isRunning) throw SHARD_IN_EXEC
    unsilenced(context, () => {
      for (let i = 1; i < args.count; i++) {
        const name = args.text(i)
        server.pubsub.subscribe(session, kind, name)
        confirm(context, word, kind, name)
      }
    })
  }
}

function unsubscribing(word: string, kind: SubscriptionKind): (context: Context) => void {
  return (context) => {
    const { args, server, session } = context
    const names: (string | null)[] = []
    if (args.count === 1) names.push(...(session.subscriptions?.[kind] ?? []))
    for (let i = 1; i < args.count; i++) names.push(args.text(i))
    // Who listens to nothing is told that, too.
    if (names.length === 0) names.push(null)
    unsilenced(context, () => {
      for (const name of names) {
        if (name !== null) server.pubsub.unsubscribe(session, kind, name)
        confirm(context, word, kind, name)
      }
    })
  }
}

const family = {
  group: 'pubsub',
  flags: ['pubsub', 'noscript', 'loading', 'stale'],
} as const

const shardKeys = [{ begin: 1, last: -1, access: 'RO', flags: ['not_key'] }] as const
const many = { multiple: true } as const
const any: Partial<ArgSpec> = { optional: true, multiple: true }

export const subscribe = command({
  ...family,
  name: 'SUBSCRIBE',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of channels given.',
  summary: 'Listens to channels.',
  arity: -2,
  args: [string('channel', many)],
  run: subscribing('subscribe', 'channels'),
})

export const unsubscribe = command({
  ...family,
  name: 'UNSUBSCRIBE',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of channels that are left.',
  summary: 'Listens to channels no more, or to no channel at all.',
  arity: -1,
  args: [string('channel', any)],
  run: unsubscribing('unsubscribe', 'channels'),
})

export const psubscribe = command({
  ...family,
  name: 'PSUBSCRIBE',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of patterns given.',
  summary: 'Listens to all channels whose names match patterns.',
  arity: -2,
  args: [pattern('pattern', many)],
  run: subscribing('psubscribe', 'patterns'),
})

export const punsubscribe = command({
  ...family,
  name: 'PUNSUBSCRIBE',
  since: '2.0.0',
  complexity: 'O(N) where N is the number of patterns that are left.',
  summary: 'Listens by patterns no more, or by no pattern at all.',
  arity: -1,
  args: [pattern('pattern', any)],
  run: unsubscribing('punsubscribe', 'patterns'),
})

export const ssubscribe = command({
  ...family,
  name: 'SSUBSCRIBE',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of shard channels given.',
  summary: 'Listens to shard channels.',
  arity: -2,
  keys: shardKeys,
  args: [string('shardchannel', many)],
  run: subscribing('ssubscribe', 'shardChannels'),
})

export const sunsubscribe = command({
  ...family,
  name: 'SUNSUBSCRIBE',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of shard channels that are left.',
  summary: 'Listens to shard channels no more, or to no shard channel at all.',
  arity: -1,
  keys: shardKeys,
  args: [string('shardchannel', any)],
  run: unsubscribing('sunsubscribe', 'shardChannels'),
})
