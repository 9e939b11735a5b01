/**
 * A request as clients send it: an array of bulk strings. It is for requests that are few or large;
 * what is sent by the million is encoded beforehand.
 */

const LINE_END = Buffer.from('\r\n')

/**
 * The bytes of a request, in memory of its own.
 *
 * @param encoding what strings are: one character a byte, as `reply-parser.ts` reads them, or UTF-8
 */
export function encodeRequest(
  words: readonly (string | Uint8Array)[],
  encoding: 'latin1' | 'utf8' = 'latin1',
): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)]
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word, encoding) : word
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, LINE_END)
  }
  return Buffer.concat(parts)
}
