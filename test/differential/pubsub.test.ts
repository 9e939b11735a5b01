/** Publish and subscribe against the reference, with several connections in step. */
import { test } from 'vitest'
import { differential } from './support/compare.ts'

differential('publish and subscribe', ({ compare }) => {
  test('channels, patterns and shard channels', () =>
    compare([
      'SUBSCRIBE a b a',
      'PSUBSCRIBE a* [xy]z',
      'SSUBSCRIBE s',
      { client: 1, command: 'PUBLISH a hello' },
      { receive: true },
      { receive: true },
      { client: 1, command: 'PUBLISH xz there' },
      { receive: true },
      { client: 1, command: 'PUBLISH s nobody' },
      { client: 1, command: 'SPUBLISH s shard' },
      { receive: true },
      { client: 1, command: 'SPUBLISH a nobody' },
      { client: 1, command: ['PUBLISH', 'b', Uint8Array.of(0, 13, 10, 255)] },
      { receive: true },
      { client: 1, command: ['PUBLISH', 'b', ''] },
      { receive: true },
      { client: 1, command: 'PUBSUB CHANNELS', unordered: 'elements' },
      { client: 1, command: 'PUBSUB CHANNELS a*' },
      { client: 1, command: 'PUBSUB CHANNELS nothing' },
      { client: 1, command: 'PUBSUB NUMSUB a b c' },
      { client: 1, command: 'PUBSUB NUMSUB' },
      { client: 1, command: 'PUBSUB NUMPAT' },
      { client: 1, command: 'PUBSUB SHARDCHANNELS' },
      { client: 1, command: 'PUBSUB SHARDCHANNELS x*' },
      { client: 1, command: 'PUBSUB SHARDNUMSUB s x' },
      'UNSUBSCRIBE a',
      'UNSUBSCRIBE none',
      'UNSUBSCRIBE',
      'UNSUBSCRIBE',
      'PUNSUBSCRIBE a*',
      'PUNSUBSCRIBE',
      'PUNSUBSCRIBE',
      'SUNSUBSCRIBE',
      'SUNSUBSCRIBE x y',
      { receive: true },
      'SUNSUBSCRIBE',
      'GET x',
      { client: 1, command: 'PUBLISH a b' },
    ]))

  test('what a client that listens may do', () =>
    compare([
      'SUBSCRIBE a',
      'PING',
      'PING hello',
      'PING a b',
      'GET x',
      'SET x 1',
      'CONFIG GET save',
      'MULTI',
      'DISCARD',
      'PUBLISH x y',
      'NOSUCH',
      'GET',
      'SSUBSCRIBE s',
      'UNSUBSCRIBE a',
      'GET x',
      'SUNSUBSCRIBE s',
      'GET x',
      'PING',
      'SUBSCRIBE a',
      'RESET',
      'GET x',
      'PING',
      { client: 1, command: 'PUBLISH a x' },
      'SUBSCRIBE b',
      { command: 'HELLO 3', errorsOnly: true },
      'QUIT',
    ]))

  test('within transactions', () =>
    compare([
      'MULTI',
      'SUBSCRIBE a',
      'PUBLISH b x',
      'PSUBSCRIBE a*',
      'SSUBSCRIBE s',
      'PING',
      'EXEC',
      { client: 1, command: 'PUBLISH a x' },
      { receive: true },
      { receive: true },
      'UNSUBSCRIBE',
      'PUNSUBSCRIBE',
      'MULTI',
      'UNSUBSCRIBE a',
      'EXEC',
    ]))

  test('wrong requests', () =>
    compare([
      'SUBSCRIBE',
      'PSUBSCRIBE',
      'SSUBSCRIBE',
      'PUBLISH a',
      'PUBLISH a b c',
      'SPUBLISH a',
      'PUBSUB',
      'PUBSUB NOSUCH',
      'PUBSUB CHANNELS a b',
      'PUBSUB NUMPAT a',
      'PUBSUB SHARDCHANNELS a b',
      'pubsub channels a b',
      'COMMAND GETKEYS SPUBLISH a b',
    ]))

  test('with CLIENT REPLY OFF', () =>
    compare([
      { command: 'CLIENT REPLY OFF', sendOnly: true },
      'SUBSCRIBE a b',
      { receive: true },
      { client: 1, command: 'PUBLISH a x' },
      { receive: true },
      'UNSUBSCRIBE a',
      'UNSUBSCRIBE',
      'CLIENT REPLY ON',
    ]))

  test('in CLIENT LIST and INFO', () =>
    compare([
      'SUBSCRIBE a b',
      'PSUBSCRIBE c*',
      'SSUBSCRIBE d e',
      {
        client: 1,
        command: 'CLIENT LIST TYPE pubsub',
        mask: (reply) => /flags=\S+|[ps]*sub=\d+/g.exec(reply)?.join() ?? '',
      },
      {
        client: 1,
        command: 'INFO stats',
        mask: (reply) => (reply.match(/pubsub\w+:\d+/g) ?? []).join(),
      },
      { client: 1, command: 'CLIENT KILL TYPE pubsub' },
      { client: 1, command: 'PUBSUB CHANNELS' },
      { client: 1, command: 'PUBSUB NUMPAT' },
    ]))
})
