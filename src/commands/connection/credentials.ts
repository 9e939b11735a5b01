/** Who a client says it is: user names and passwords, as AUTH and HELLO take them. */
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'

/** Whom a password without a name is meant for. */
export const DEFAULT_USER = 'default'

const WRONG_PASSWORD = new CommandError(
  'WRONGPASS invalid username-password pair or user is disabled.',
)

/**
 * Makes the session one of a user.
 *
 * @param password index of the password among the arguments
 * @throws WRONGPASS if there is no such user, it is off, or the password is not one of its own
 */
export function authenticate({ args, server, session }: Context, user: string, password: number) {
  if (!server.access.logIn(session, user, args.slice(password), args)) throw WRONG_PASSWORD
}
