/** How commands declare the choice of an expiry time, of a key or of fields. */
import { type ArgSpec, integer, oneOf, token, unixTime } from './command.ts'

/** @param instead the word in place of a time: `PERSIST` or `KEEPTTL` */
export function expirationArgument(instead: string): ArgSpec {
  return oneOf(
    'expiration',
    [
      integer('seconds', { token: 'EX' }),
      integer('milliseconds', { token: 'PX' }),
      unixTime('unix-time-seconds', { token: 'EXAT' }),
      unixTime('unix-time-milliseconds', { token: 'PXAT' }),
      token(instead),
    ],
    { optional: true },
  )
}
