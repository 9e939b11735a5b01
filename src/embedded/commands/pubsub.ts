/**
 * The methods of the commands of the group `pubsub`. This file is written by
 * `npm run docs` from the declarations in `src/commands`.
 */
import type { Answer, Mode, OneOrMore } from '../command-types.ts'
import type { Argument } from '../request.ts'

export interface PubsubCommands<T, M extends Mode> {
  /**
   * Sends a message to all who listen to a channel.
   *
   * `PUBLISH channel message`
   */
  publish(channel: Argument, message: Argument): Answer<T, M, number>
  /**
   * Answers the channels that are listened to, or those that match a pattern.
   *
   * `PUBSUB CHANNELS [pattern]`
   */
  pubsubChannels(pattern?: Argument): Answer<T, M, T[]>
  /**
   * Answers how many patterns are listened to.
   *
   * `PUBSUB NUMPAT`
   */
  pubsubNumpat(): Answer<T, M, number>
  /**
   * Answers how many clients listen to each channel, those by patterns left out.
   *
   * `PUBSUB NUMSUB [channel [channel ...]]`
   */
  pubsubNumsub(...channels: readonly OneOrMore[]): Answer<T, M, (T | number)[]>
  /**
   * Answers the shard channels that are listened to, or those that match a pattern.
   *
   * `PUBSUB SHARDCHANNELS [pattern]`
   */
  pubsubShardchannels(pattern?: Argument): Answer<T, M, T[]>
  /**
   * Answers how many clients listen to each shard channel.
   *
   * `PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]`
   */
  pubsubShardnumsub(...shardchannels: readonly OneOrMore[]): Answer<T, M, (T | number)[]>
  /**
   * Sends a message to all who listen to a shard channel.
   *
   * `SPUBLISH shardchannel message`
   */
  spublish(shardchannel: Argument, message: Argument): Answer<T, M, number>
}
