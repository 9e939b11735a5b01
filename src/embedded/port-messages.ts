/**
 * What goes between a store and another thread, over a MessagePort. Whatever a thread sends within
 * one turn is one message, and so are the answers to it but for those that wait.
 *
 * Errors lose their class on the way, and a Buffer would take all the memory along that it shares
 * with others: so errors travel as their texts, and bytes as arrays of their own.
 */
import type { QueuedCall } from './multi.ts'
import type { Argument } from './request.ts'
import { StoreError } from './store-error.ts'
import type { SubscribeOptions } from './subscriptions.ts'
import type { Value } from './value-reply.ts'

/** From the thread to the store: in order. */
export type PortRequest =
  | { readonly kind: 'call'; id: number; name: string; args: readonly Argument[]; asBytes: boolean }
  | { readonly kind: 'exec'; id: number; requests: readonly QueuedCall[] }
  | { readonly kind: 'subscribe'; id: number; name: string; options: SubscribeOptions }
  | { readonly kind: 'unsubscribe'; id: number }

/** From the store to the thread. */
export type PortAnswer =
  | { readonly kind: 'value'; id: number; value: Packed }
  | { readonly kind: 'error'; id: number; text: string }
  /** To the subscription that was asked for under this number. */
  | { readonly kind: 'message'; id: number; message: string; channel: string }

/** A value as it travels. */
export type Packed = unknown

/** Makes a value fit to travel. */
export function pack(value: Value): Packed {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (Array.isArray(value)) return value.map(pack)
  if (value instanceof StoreError) return { redstartError: value.message }
  if (value instanceof Map) {
    return new Map(Array.from(value, ([key, each]) => [pack(key), pack(each)]))
  }
  return { entries: Object.entries(value).map(([key, each]) => [key, pack(each)]) }
}

/** Makes it again what it was. */
export function unpack(packed: Packed): Value {
  if (typeof packed !== 'object' || packed === null) return packed as Value
  if (packed instanceof Uint8Array) {
    return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  }
  if (Array.isArray(packed)) return packed.map(unpack)
  if (packed instanceof Map) {
    return new Map(Array.from(packed, ([key, each]) => [unpack(key), unpack(each)]))
  }
  if ('redstartError' in packed) return new StoreError(String(packed.redstartError))
  const object: { [key: string]: Value } = Object.create(null)
  const { entries } = packed as { entries: [string, Packed][] }
  for (const [key, each] of entries) object[key] = unpack(each)
  return object
}

/** An argument that takes nobody else's memory along. */
export function packArgument(argument: Argument): Argument {
  return argument instanceof Uint8Array ? new Uint8Array(argument) : argument
}
