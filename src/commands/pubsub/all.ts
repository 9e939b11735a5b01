/** The commands of publish and subscribe. */
import type { CommandSpec } from '../command.ts'
import { publish, spublish } from './publish.ts'
import { pubsub } from './pubsub.ts'
import {
  psubscribe,
  punsubscribe,
  ssubscribe,
  subscribe,
  sunsubscribe,
  unsubscribe,
} from './subscribe.ts'

export const pubsubCommands: readonly CommandSpec[] = [
  publish,
  spublish,
  pubsub,
  subscribe,
  unsubscribe,
  psubscribe,
  punsubscribe,
  ssubscribe,
  sunsubscribe,
]
