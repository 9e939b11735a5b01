/**
 * Addresses of arena memory.
 *
 * An address is a signed 32-bit integer that counts units of 8 bytes, so that it stays a small
 * integer of the JS engine and reaches 32 GB. Addresses of the upper half are negative: take them
 * apart with `>>>`, compare them only for equality.
 *
 * | bits   | meaning                                                |
 * |--------|--------------------------------------------------------|
 * | 31..23 | number of the segment: an index of `Arena.views`       |
 * | 22..0  | offset within the segment, in units of 8 bytes         |
 */

declare const brand: unique symbol

/** Where a block begins: a signed 32-bit integer in units of 8 bytes, or `NULL`. */
export type Address = number & { readonly [brand]: 'Address' }

/** The address of no block. Nothing is ever handed out at 0. */
export const NULL = 0 as Address

/** `address >>> SEGMENT_SHIFT` is the number of the segment. */
export const SEGMENT_SHIFT = 23

/** `(address & OFFSET_MASK) << 3` is the byte offset within the segment. */
export const OFFSET_MASK = 0x7fffff

/** Bytes of a segment of slabs or runs: 64 MB. */
export const SEGMENT_BYTES = 1 << 26

/** The most segments that addresses can tell apart. */
export const MAX_SEGMENTS = 512
