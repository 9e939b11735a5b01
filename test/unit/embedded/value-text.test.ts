/** Bytes read as text, of every length and at every place. */
import { expect, test } from 'vitest'
import { textOfLatin1, valueText } from '../../../src/embedded/value-text.ts'

const MEMORY = Buffer.from('a€bcdéfghijklmnopqrstuvwxyz0123456789 end \xff\x00.', 'utf8')
const VIEW = new DataView(MEMORY.buffer, MEMORY.byteOffset, MEMORY.length)

test('every range of a memory is read as Node reads it', () => {
  for (let start = 0; start <= MEMORY.length; start++) {
    for (let end = start; end <= MEMORY.length; end++) {
      const text = valueText(MEMORY, VIEW, start, end)
      expect(text).toBe(MEMORY.toString('utf8', start, end))
    }
  }
})

test('every byte is read alone and in the middle', () => {
  const bytes = Buffer.alloc(64, 'x')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let byte = 0; byte < 256; byte++) {
    for (const place of [0, 3, 7, 15]) {
      bytes[place] = byte
      expect(valueText(bytes, view, 0, 16)).toBe(bytes.toString('utf8', 0, 16))
      // What lies behind the end does not count.
      expect(valueText(bytes, view, 0, place)).toBe('x'.repeat(place))
      bytes[place] = 120
    }
  }
})

test('text with a character for each byte is read as UTF-8', () => {
  expect(textOfLatin1('plain')).toBe('plain')
  expect(textOfLatin1(Buffer.from('é€').toString('latin1'))).toBe('é€')
})
