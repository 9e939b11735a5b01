/** ACL LOG: what was refused, and who could not log in. */
import type { Reply } from '../../resp/reply.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, oneOf, token } from '../command.ts'
import { wrongUsage } from '../connection/client-usage.ts'
import type { Server } from '../context.ts'

/** How many entries are told unless a number is asked for. */
const SHOWN_ENTRIES = 10
const FIELDS = 10

type Entry = Server['access']['log']['entries'][0]

export const aclLog = command({
  name: 'LOG',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(N) where N is the number of entries shown',
  summary: 'Lists what was refused lately for want of a right, or forgets it.',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  history: [['7.2.0', 'Numbers of entries, and when they were made and last changed.']],
  args: [oneOf('operation', [integer('count'), token('RESET')], { optional: true })],
  run({ server, args, reply }) {
    if (args.count > 3) throw wrongUsage(args)
    const { log } = server.access
    if (args.count === 3 && args.is(2, 'reset')) {
      log.clear()
      return reply.ok()
    }
    const asked = args.count === 3 ? Number(integer64(args, 2)) : SHOWN_ENTRIES
    const count = Math.min(Math.max(asked, 0), log.entries.length)
    reply.array(count)
    for (let i = 0; i < count; i++) writeEntry(reply, log.entries[i]!, server.clock.nowMs)
  },
})

function writeEntry(reply: Reply, entry: Entry, nowMs: number): void {
  const text = (name: string, value: string): void => {
    reply.bulkText(name)
    reply.bulkText(value)
  }
  const number = (name: string, value: number): void => {
    reply.bulkText(name)
    reply.integer(value)
  }
  reply.map(FIELDS)
  number('count', entry.count)
  text('reason', entry.reason)
  text('context', entry.context)
  text('object', entry.object)
  text('username', entry.userName)
  reply.bulkText('age-seconds')
  reply.double((nowMs - entry.updatedMs) / 1000)
  text('client-info', entry.clientInfo)
  number('entry-id', entry.id)
  number('timestamp-created', entry.createdMs)
  number('timestamp-last-updated', entry.updatedMs)
}
