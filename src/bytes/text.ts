/**
 * Between bytes and JavaScript strings, and comparing bytes with words of the protocol.
 *
 * Keys and values never become strings on the hot path; these serve option words, error texts,
 * configuration and diagnostics. Latin-1 maps each byte to the character of the same number, so
 * it loses nothing and needs no validation.
 */

/** Below this length a loop is quicker than setting up a decoder. */
const SHORT_BYTES = 24

/** The bytes of a range as text, one character a byte. `fromLatin1` is its inverse. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start > SHORT_BYTES) {
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  }
  let text = ''
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i])
  return text
}

/** The first characters of a text, which does not keep the rest of it in memory. */
export function beginningOf(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  return Buffer.from(text.slice(0, maxCharacters), 'latin1').toString('latin1')
}

/** The bytes of a text whose characters are all below 256; the rest keep their low 8 bits. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

const encoder = new TextEncoder()

/** A text as UTF-8, in an array of its own; for ASCII the same as `fromLatin1`. */
export function fromText(text: string): Uint8Array {
  return encoder.encode(text)
}

/**
 * Compares a range with a word, ignoring the case of ASCII letters. Allocates nothing.
 *
 * @param lowerCaseText an ASCII word without upper-case letters, such as `match`
 */
export function equalsIgnoreCase(
  bytes: Uint8Array,
  start: number,
  end: number,
  lowerCaseText: string,
): boolean {
  const length = lowerCaseText.length
  if (end - start !== length) return false
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]
    const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
    if (lower !== lowerCaseText.charCodeAt(i)) return false
  }
  return true
}
