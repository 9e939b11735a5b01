/**
 * What a command may answer. Commands write their reply piece by piece, containers before their
 * elements; how it looks on the wire, or in a JavaScript process, is the implementation's matter.
 *
 * Strings are written as Latin-1, one byte a character, so that bytes of a user that came in by
 * `Args.text` go out as they came.
 */
export interface Reply {
  /** The protocol of the client: commands whose reply differs by more than its form ask this. */
  readonly protocol: 2 | 3

  ok(): void
  /** A simple string; must hold no line break. */
  simple(text: string): void
  /** An error with its code: `ERR syntax error`. Line breaks become spaces, as in Redis. */
  error(text: string): void
  /** An integer within ±(2^53 - 1). */
  integer(value: number): void
  /** An integer of 64 bits. */
  bigInteger(value: bigint): void
  /** A bulk string from `start` to `end` of `bytes`; `view` is of the same memory. */
  bulk(bytes: Uint8Array, view: DataView, start: number, end: number): void
  bulkBytes(bytes: Uint8Array): void
  bulkText(text: string): void
  /** An integer as a bulk string. */
  bulkInteger(value: number): void
  /** The null bulk string of RESP2, the null of RESP3. */
  nil(): void
  /** The null array of RESP2, the null of RESP3. */
  nilArray(): void
  /** A double; a bulk string in RESP2. */
  double(value: number): void
  /** A boolean; 1 or 0 in RESP2. */
  boolean(value: boolean): void
  /** An integer of any size, as text; a bulk string in RESP2. */
  bigNumber(text: string): void
  /** A text with its format (`txt`, `mkd`); a bulk string in RESP2. */
  verbatim(format: string, text: string): void
  array(count: number): void
  /** `pairs` keys with their values; in RESP2 an array of twice as many. */
  map(pairs: number): void
  /** A set; an array in RESP2. */
  set(count: number): void
  /** A message that answers no command; an array in RESP2. */
  push(count: number): void
  /** What is told beside the reply that follows; only in RESP3, where `pairs` pairs come next. */
  attribute(pairs: number): void
  /** Begins an array whose length shows at its end; returns what `endArray` wants. */
  beginArray(): number
  endArray(mark: number, count: number): void
  /** Begins a map whose length shows at its end; `pairs` as for `map`. */
  beginMap(): number
  endMap(mark: number, pairs: number): void
  /** Begins a set whose length shows at its end. */
  beginSet(): number
  endSet(mark: number, count: number): void
}
