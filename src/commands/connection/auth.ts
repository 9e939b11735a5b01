/** AUTH. */
import { command, indexesFrom, string } from '../command.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'
import { authenticate, DEFAULT_USER } from './credentials.ts'

const NO_PASSWORD_SET = new CommandError(
  'ERR AUTH <password> called without any password configured for the default user. ' +
    'Are you sure your configuration is correct?',
)

export const auth = command({
  name: 'AUTH',
  group: 'connection',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of passwords that the user has',
  summary: 'Tells the server who the client is.',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  args: [string('username', { optional: true, since: '6.0.0' }), string('password')],
  history: [['6.0.0', 'A user name may stand before the password.']],
  secrets: ({ count }) => indexesFrom(1, count),
  run(context) {
    const { server, args, reply } = context
    if (args.count > 3) throw SYNTAX_ERROR
    if (args.count === 2) {
      if (server.access.acl.defaultUser.needsNoPassword) throw NO_PASSWORD_SET
      authenticate(context, DEFAULT_USER, 1)
    } else {
      authenticate(context, args.text(1), 2)
    }
    reply.ok()
  },
})
