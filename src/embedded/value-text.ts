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

/** The text of a range. Bytes that are no UTF-8 become U+FFFD. */
export function valueText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length > SHORT_BYTES || start + SHORT_BYTES > bytes.length) {
    return length === 0 ? '' : utf8Slice.call(bytes, start, end)
  }
  let all = 0
  for (let i = start; i < end; i++) all |= bytes[i]!
  if (all > 0x7f) return utf8Slice.call(bytes, start, end)
  const text = fromCharCode(
    bytes[start]!,
    bytes[start + 1]!,
    bytes[start + 2]!,
    bytes[start + 3]!,
    bytes[start + 4]!,
    bytes[start + 5]!,
    bytes[start + 6]!,
    bytes[start + 7]!,
    bytes[start + 8]!,
    bytes[start + 9]!,
    bytes[start + 10]!,
    bytes[start + 11]!,
    bytes[start + 12]!,
    bytes[start + 13]!,
    bytes[start + 14]!,
    bytes[start + 15]!,
  )
  return length === SHORT_BYTES ? text : text.slice(0, length)
}

/** A text with one character a byte, as commands write some replies, read as UTF-8. */
export function textOfLatin1(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, 'latin1').toString('utf8')
  }
  return text
}
