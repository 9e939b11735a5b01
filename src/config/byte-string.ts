/**
 * Configuration values are bytes: a password may hold any of them. Within src/config they travel
 * as byte strings, JavaScript strings with one character (0 to 255) a byte as src/bytes/text.ts
 * makes them, so that no byte is lost and text functions still apply. Only what names a file is
 * decoded from UTF-8.
 */
import { fromText, latin1 } from '../bytes/text.ts'

/** Ordinary text (an argument of the process, a path) as the byte string of its UTF-8 form. */
export function encoded(text: string): string {
  return latin1(fromText(text))
}

/** The ordinary text whose UTF-8 form a byte string is. */
export function decoded(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8')
}
