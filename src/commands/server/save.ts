/** SAVE, BGSAVE, LASTSAVE and BGREWRITEAOF: error texts and their order are those of Redis 7.2. */
import { command, token } from '../command.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'

const SAVING = new CommandError('ERR Background save already in progress')
const REWRITING = new CommandError('ERR Background append only file rewriting already in progress')
const OTHER_CHILD = new CommandError(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in " +
    'order to schedule a BGSAVE whenever possible.',
)
const FAILED = new CommandError('ERR')
const NO_REWRITE = new CommandError(
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more " +
    'information.',
)

export const save = command({
  name: 'SAVE',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of all keys.',
  summary: 'Writes all data to the disk before anybody else is served.',
  arity: 1,
  flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'],
  run({ server, reply }) {
    if (server.saves.isUnderWay) throw SAVING
    if (!server.saves.save()) throw FAILED
    reply.ok()
  },
})

export const bgsave = command({
  name: 'BGSAVE',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of all keys, while others are served.',
  summary: 'Begins to write all data to the disk in the background.',
  arity: -1,
  flags: ['admin', 'noscript', 'no_async_loading'],
  args: [token('SCHEDULE', { optional: true, since: '3.2.2' })],
  history: [['3.2.2', 'Knows `SCHEDULE`.']],
  run({ args, server, session, reply }) {
    const isScheduled = args.count > 1
    if (isScheduled && !(args.count === 2 && args.is(1, 'schedule'))) throw SYNTAX_ERROR
    const { appendOnly, saves, snapshots } = server
    const isInExec = session.transaction !== null
    if (saves.isUnderWay) throw SAVING
    if (snapshots.isActive || appendOnly.isRewriting || isInExec) {
      if (!isScheduled && !isInExec) throw OTHER_CHILD
      saves.isScheduled = true
      return reply.simple('Background saving scheduled')
    }
    if (!saves.saveInBackground()) throw FAILED
    reply.simple('Background saving started')
  },
})

export const lastsave = command({
  name: 'LASTSAVE',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Returns the Unix time of the last save that succeeded.',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  categories: ['admin', 'dangerous'],
  tips: ['nondeterministic_output'],
  run({ server, reply }) {
    reply.integer(Math.floor(server.saves.lastSaveMs / 1000))
  },
})

export const bgrewriteaof = command({
  name: 'BGREWRITEAOF',
  group: 'server',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of all keys, while others are served.',
  summary: 'Begins to write the append only file anew, as short as it can be.',
  arity: 1,
  flags: ['admin', 'noscript', 'no_async_loading'],
  run({ server, session, reply }) {
    const { appendOnly, snapshots } = server
    if (appendOnly.isRewriting) throw REWRITING
    if (snapshots.isActive || session.transaction !== null) {
      appendOnly.isScheduled = true
      return reply.simple('Background append only file rewriting scheduled')
    }
    appendOnly.rewrite()
    if (appendOnly.hasRewriteFailed && !appendOnly.isRewriting) throw NO_REWRITE
    reply.simple('Background append only file rewriting started')
  },
})
