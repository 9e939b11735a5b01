/**
 * What goes between a store and another thread, over a MessagePort: in both directions a list, of
 * whatever one turn brings. Calls and their replies travel as RESP, packed into one array of bytes
 * each: to copy an object for every call would take longer than the calls do.
 *
 * Calls are numbered by the thread, one after the other. Those packed together have successive
 * numbers, and so have replies packed together: the number of the first of them is told.
 */
import type { SubscribeOptions } from './subscriptions.ts'

/** From the thread to the store: in order. */
export type PortRequest =
  | { readonly kind: 'calls'; readonly first: number; readonly bytes: Uint8Array }
  /** A transaction, by the requests that are in it: one call. */
  | { readonly kind: 'exec'; readonly id: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'subscribe'
      readonly id: number
      readonly name: string
      readonly options: SubscribeOptions
    }
  | { readonly kind: 'unsubscribe'; readonly id: number }

/** From the store to the thread. */
export type PortAnswer =
  | { readonly kind: 'replies'; readonly first: number; readonly bytes: Uint8Array }
  /** To the subscription that was asked for under this number. */
  | {
      readonly kind: 'message'
      readonly id: number
      readonly message: string
      readonly channel: string
    }

/** With so many bytes packed together, the next ones begin anew. */
export const PACKED_BYTES = 64 * 1024
