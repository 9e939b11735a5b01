/**
 * Bytes of the arena as JavaScript strings, which are taken to be UTF-8.
 *
 * A call into Node costs about 60 ns whatever the length, so up to 16 bytes are read here. Such a
 * string is always made of 16 characters at once, which is one call that the compiler knows, and
 * cut afterwards: what lies behind the end in the same memory is read and thrown away.
 */
const SHORT_BYTES = 16
const { fromCharCode } = String

interface WithUtf8Slice {
  utf8Slice(this: Uint8Array, start: number, end: number): string
}

/** Node's own method, which works on any Uint8Array; `toString` wants a Buffer and asks more. */
const { utf8Slice } = Buffer.prototype as unknown as WithUtf8Slice

/** For each length up to 16 the top bits of those bytes, four words of four bytes each. */
const TOP_BITS = new Int32Array((SHORT_BYTES + 1) * 4)
for (let length = 0; length <= SHORT_BYTES; length++) {
  for (let i = 0; i < length; i++) TOP_BITS[length * 4 + (i >> 2)]! |= 0x80 << (8 * (i & 3))
}

/** The text of a range. Bytes that are no UTF-8 become U+FFFD. `view` is of the same memory. */
export function valueText(bytes: Uint8Array, view: DataView, start: number, end: number): string {
  const length = end - start
  if (length > SHORT_BYTES || start + SHORT_BYTES > bytes.length) return longText(bytes, start, end)
  const a = view.getInt32(start, true)
  const b = view.getInt32(start + 4, true)
  const c = view.getInt32(start + 8, true)
  const d = view.getInt32(start + 12, true)
  const bits = length << 2
  const top =
    (a & TOP_BITS[bits]!) |
    (b & TOP_BITS[bits + 1]!) |
    (c & TOP_BITS[bits + 2]!) |
    (d & TOP_BITS[bits + 3]!)
  if (top !== 0) return longText(bytes, start, end)
  const text = fromCharCode(
    a & 0xff,
    (a >>> 8) & 0xff,
    (a >>> 16) & 0xff,
    a >>> 24,
    b & 0xff,
    (b >>> 8) & 0xff,
    (b >>> 16) & 0xff,
    b >>> 24,
    c & 0xff,
    (c >>> 8) & 0xff,
    (c >>> 16) & 0xff,
    c >>> 24,
    d & 0xff,
    (d >>> 8) & 0xff,
    (d >>> 16) & 0xff,
    d >>> 24,
  )
  return length === SHORT_BYTES ? text : text.slice(0, length)
}

/** The same for any range, however long. */
export function longText(bytes: Uint8Array, start: number, end: number): string {
  return start === end ? '' : utf8Slice.call(bytes, start, end)
}

/** A text with one character a byte, as commands write some replies, read as UTF-8. */
export function textOfLatin1(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, 'latin1').toString('utf8')
  }
  return text
}
