/**
 * SHUTDOWN. What happens then is the process's matter, which hears of it by the server's
 * `shutdownListener`: who asked sees the connection end, and gets an answer only on failure.
 */
import { command, oneOf, token } from '../command.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'

const NO_SHUTDOWN = new CommandError('ERR No shutdown in progress.')
const FAILED = new CommandError('ERR Errors trying to SHUTDOWN. Check logs.')

export const shutdown = command({
  name: 'SHUTDOWN',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of all keys if they are saved, otherwise O(1)',
  summary: 'Saves the data if so configured, and ends the server.',
  arity: -1,
  flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
  history: [['7.0.0', 'Knows `NOW`, `FORCE` and `ABORT`.']],
  args: [
    oneOf('save-selector', [token('NOSAVE'), token('SAVE')], { optional: true }),
    token('NOW', { optional: true, since: '7.0.0' }),
    token('FORCE', { optional: true, since: '7.0.0' }),
    token('ABORT', { optional: true, since: '7.0.0' }),
  ],
  run({ server, session, args, reply }) {
    const words = new Set<string>()
    for (let i = 1; i < args.count; i++) {
      const word = ['nosave', 'save', 'now', 'force', 'abort'].find((each) => args.is(i, each))
      if (word === undefined) throw SYNTAX_ERROR
      words.add(word)
    }
    const abort = words.delete('abort')
    if ((abort && words.size > 0) || (words.has('save') && words.has('nosave'))) {
      throw SYNTAX_ERROR
    }
    // One that has begun is not served any more, so there is none but that of a signal to abort.
    if (abort) {
      if (!server.dueShutdown.abort()) throw NO_SHUTDOWN
      return reply.ok()
    }
    const save = words.has('save') ? true : words.has('nosave') ? false : null
    const options = { save, now: words.has('now'), force: words.has('force') }
    const { shutdownListener } = server
    if (shutdownListener === null) throw FAILED
    session.hold(args)
    shutdownListener(options, () => session.answerLater((reply) => reply.error(FAILED.text)))
  },
})
