/** SELECT. */
import { integer64 } from '../arguments.ts'
import { command, integer } from '../command.ts'
import { CommandError, outOfRange } from '../errors.ts'

const NO_SUCH_DATABASE = new CommandError('ERR DB index is out of range')
/** Redis reads the index as an int of C, and says so. */
const NO_INT = outOfRange('value must between -2147483648 and 2147483647')

export const select = command({
  name: 'SELECT',
  group: 'connection',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Chooses the database that the connection works on.',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  categories: ['connection'],
  args: [integer('index')],
  run(context) {
    const { server, session, args, reply } = context
    const index = Number(integer64(args, 1))
    if (index < -2147483648 || index > 2147483647) throw NO_INT
    const database = server.keyspace.databases[index]
    if (database === undefined) throw NO_SUCH_DATABASE
    session.db = database
    context.db = database
    reply.ok()
  },
})
