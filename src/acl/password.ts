/**
 * Passwords: kept as the SHA-256 of their bytes, in 64 lower-case hexadecimal digits, and compared
 * in constant time, so that how much of a guess was right does not show in the time it takes.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

const HASH_CHARACTERS = 64

/** The hash of a password, as it is kept and shown. */
export function hashPassword(password: Uint8Array): string {
  return createHash('sha256').update(password).digest('hex')
}

/** Whether a text is such a hash; capital letters are not taken, as in Redis. */
export function isPasswordHash(text: string): boolean {
  return text.length === HASH_CHARACTERS && /^[0-9a-f]+$/.test(text)
}

/** Whether two hashes are the same. */
export function equalHashes(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1'))
}
