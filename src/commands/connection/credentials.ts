/**
 * Who a client is: user names and passwords, as AUTH and HELLO take them.
 *
 * There is one user, `default`, whose password is the directive `requirepass`; without one every
 * password is right. Passwords are compared by their SHA-256 digests and in constant time, so that
 * neither their length nor how much of a guess was right shows in the time it takes.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Server, Session } from '../context.ts'
import { CommandError } from '../errors.ts'

export const DEFAULT_USER = 'default'

const WRONG_PASSWORD = new CommandError(
  'WRONGPASS invalid username-password pair or user is disabled.',
)

/** Makes the session one of `user`. Throws WRONGPASS if the name or the password is wrong. */
export function authenticate(
  server: Server,
  session: Session,
  user: string,
  password: Uint8Array,
): void {
  const required = server.requiredPassword
  const matches = required === '' || equalSecrets(password, Buffer.from(required, 'latin1'))
  if (user !== DEFAULT_USER || !matches) throw WRONG_PASSWORD
  session.authenticated = true
  session.user = user
}

function equalSecrets(given: Uint8Array, expected: Uint8Array): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

function digest(secret: Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest()
}
