/** ACL GETUSER, LIST and USERS: what users there are, and their rules. */
import type { Reply } from '../../resp/reply.ts'
import { type CommandFlag, command, string } from '../command.ts'
import type { Server } from '../context.ts'

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']
/** Fields of a user that are no selector's. */
const USER_FIELDS = 3
const SELECTOR_FIELDS = 3

/** A user's rules, as the server describes them. */
type Rules = NonNullable<ReturnType<Server['access']['rulesOf']>>

export const aclGetUser = command({
  name: 'GETUSER',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(N) where N is the number of passwords and rules of the user',
  summary: 'Answers the rules of a user.',
  arity: 3,
  flags: FLAGS,
  history: [
    ['6.2.0', 'Tells about channels.'],
    ['7.0.0', 'Tells about selectors; keys and channels come as rules.'],
  ],
  args: [string('username')],
  run({ server, args, reply }) {
    const rules = server.access.rulesOf(args.text(2))
    if (rules === null) return reply.nil()
    const [root, ...others] = rules.selectors
    reply.map(USER_FIELDS + SELECTOR_FIELDS)
    reply.bulkText('flags')
    reply.set(rules.flags.length)
    for (const flag of rules.flags) reply.bulkText(flag)
    reply.bulkText('passwords')
    reply.array(rules.passwords.length)
    for (const password of rules.passwords) reply.bulkText(password)
    writeSelector(reply, root)
    reply.bulkText('selectors')
    reply.array(others.length)
    for (const selector of others) {
      reply.map(SELECTOR_FIELDS)
      writeSelector(reply, selector)
    }
  },
})

function writeSelector(reply: Reply, { commands, keys, channels }: Rules['selectors'][0]): void {
  reply.bulkText('commands')
  reply.bulkText(commands)
  reply.bulkText('keys')
  reply.bulkText(keys)
  reply.bulkText('channels')
  reply.bulkText(channels)
}

export const aclList = command({
  name: 'LIST',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(N) where N is the number of users',
  summary: 'Lists all users with their rules, as an ACL file has them.',
  arity: 2,
  flags: FLAGS,
  run({ server, reply }) {
    const lines = server.access.acl.lines()
    reply.array(lines.length)
    for (const line of lines) reply.bulkText(line)
  },
})

export const aclUsers = command({
  name: 'USERS',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(N) where N is the number of users',
  summary: 'Lists the names of all users.',
  arity: 2,
  flags: FLAGS,
  run({ server, reply }) {
    const users = server.access.acl.all()
    reply.array(users.length)
    for (const { name } of users) reply.bulkText(name)
  },
})
