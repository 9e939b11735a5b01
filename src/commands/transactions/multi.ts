/** MULTI, EXEC and DISCARD: error texts are those of Redis 7.2. */
import { command } from '../command.ts'
import { CommandError } from '../errors.ts'

const NESTED = new CommandError('ERR MULTI calls can not be nested')
const EXEC_WITHOUT_MULTI = new CommandError('ERR EXEC without MULTI')
const DISCARD_WITHOUT_MULTI = new CommandError('ERR DISCARD without MULTI')
const ABORTED = new CommandError('EXECABORT Transaction discarded because of previous errors.')

export const multi = command({
  name: 'MULTI',
  group: 'transactions',
  since: '1.2.0',
  complexity: 'O(1)',
  summary: 'Begins a transaction: what follows is queued until EXEC.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['transaction'],
  run({ server, session, reply }) {
    if (session.transaction !== null) throw NESTED
    server.transactions.begin(session)
    reply.ok()
  },
})

export const exec = command({
  name: 'EXEC',
  group: 'transactions',
  since: '1.2.0',
  complexity: 'Depends on the commands of the transaction',
  summary: 'Does the commands of a transaction, with nothing of others in between.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
  categories: ['transaction'],
  run({ server, session, reply }) {
    const { transactions, watches } = server
    const { transaction } = session
    if (transaction === null) throw EXEC_WITHOUT_MULTI
    if (transaction.isRefused) {
      transactions.discard(session)
      throw ABORTED
    }
    if (session.isDirty || watches.hasExpired(session)) {
      transactions.discard(session)
      return reply.nilArray()
    }
    server.dispatcher.runQueued(session, transaction)
  },
})

export const discard = command({
  name: 'DISCARD',
  group: 'transactions',
  since: '2.0.0',
  complexity: 'O(N), when N is the number of queued commands',
  summary: 'Gives up a transaction.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['transaction'],
  run({ server, session, reply }) {
    if (session.transaction === null) throw DISCARD_WITHOUT_MULTI
    server.transactions.discard(session)
    reply.ok()
  },
})
