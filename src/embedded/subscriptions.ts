/**
 * Listening to messages within the process: one client of the server listens to all the names that
 * somebody here wants, and hands each message to those who want it. Listeners are called after the
 * round of the event loop in which the message was published, never within a call of the store.
 */
import { encoded } from '../config/byte-string.ts'
import { soon } from '../platform/later.ts'
import type { SubscriptionKind } from '../server/pubsub.ts'
import type { Server } from '../server/server.ts'
import { LocalClient } from './local-client.ts'
import type { Value } from './value-reply.ts'

/** @param channel the one that it was published to, which with a pattern may be any that fits */
export type Listener = (message: string, channel: string) => void

export interface SubscribeOptions {
  /** The name is a pattern: `news.*`. */
  readonly pattern?: boolean
  /** The name is that of a shard channel. */
  readonly shard?: boolean
}

export interface Subscription {
  /** Ends it; its listener is not called any more. */
  close(): void
}

const KINDS: Record<string, SubscriptionKind> = {
  message: 'channels',
  pmessage: 'patterns',
  smessage: 'shardChannels',
}

export class SubscriptionTable {
  private readonly server: Server
  private client: LocalClient | null = null
  private readonly listeners: Record<SubscriptionKind, Map<string, Set<Listener>>> = {
    channels: new Map(),
    patterns: new Map(),
    shardChannels: new Map(),
  }

  constructor(server: Server) {
    this.server = server
  }

  add(name: string, listener: Listener, options: SubscribeOptions): Subscription {
    checkListener(name, listener)
    const kind = options.pattern ? 'patterns' : options.shard ? 'shardChannels' : 'channels'
    this.client ??= new LocalClient(this.server, (message) => this.deliver(message))
    const { session } = this.client
    const names = this.listeners[kind]
    const own = names.get(name) ?? new Set()
    names.set(name, own)
    // The same function may be given twice.
    const entry: Listener = (message, channel) => listener(message, channel)
    own.add(entry)
    this.server.pubsub.subscribe(session, kind, encoded(name))
    return {
      close: () => {
        own.delete(entry)
        if (own.size > 0 || names.get(name) !== own) return
        names.delete(name)
        this.server.pubsub.unsubscribe(session, kind, encoded(name))
      },
    }
  }

  private deliver(message: Value[]): void {
    const [type, name] = message as string[]
    const kind = KINDS[type!]
    if (kind === undefined) return
    const [channel, text] = message.slice(-2) as string[]
    const own = this.listeners[kind].get(name!)
    for (const listener of own ?? []) {
      // One that fails must not keep the message from the others, but may end their subscription.
      soon(() => {
        if (own!.has(listener)) listener(text!, channel!)
      })
    }
  }

  close(): void {
    this.client?.close()
    for (const names of Object.values(this.listeners)) {
      for (const own of names.values()) own.clear()
      names.clear()
    }
  }
}

/** @throws TypeError for what is no name, or cannot be called */
export function checkListener(name: unknown, listener: unknown): void {
  if (typeof name !== 'string') throw new TypeError('the name of a channel is a string')
  if (typeof listener !== 'function') throw new TypeError('a listener is a function')
}
