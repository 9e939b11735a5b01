/** WATCH and UNWATCH. */
import { command, key } from '../command.ts'
import { CommandError } from '../errors.ts'

const INSIDE_MULTI = new CommandError('ERR WATCH inside MULTI is not allowed')

export const watch = command({
  name: 'WATCH',
  group: 'transactions',
  since: '2.2.0',
  complexity: 'O(1) for every key.',
  summary: 'Has the next transaction done only if none of the keys has changed by then.',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['transaction'],
  keys: [{ begin: 1, last: -1, access: 'RO' }],
  args: [key('key', { multiple: true })],
  run({ server, session, args, reply }) {
    if (session.transaction !== null) throw INSIDE_MULTI
    // One change is enough: which keys change after it makes no difference.
    for (let i = 1; i < args.count && !session.isDirty; i++) server.watches.watch(session, args, i)
    reply.ok()
  },
})

export const unwatch = command({
  name: 'UNWATCH',
  group: 'transactions',
  since: '2.2.0',
  complexity: 'O(1)',
  summary: 'Watches no key any more.',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['transaction'],
  run({ server, session, reply }) {
    server.watches.unwatch(session)
    session.isDirty = false
    reply.ok()
  },
})
