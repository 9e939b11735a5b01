/** ACL SETUSER, DELUSER, DRYRUN, LOAD and SAVE: changing users and trying them out. */
import { Args } from '../../resp/args.ts'
import { cString } from '../c-string.ts'
import { type CommandFlag, command, indexesFrom, string } from '../command.ts'
import type { Command } from '../command-table.ts'
import { DEFAULT_USER } from '../connection/credentials.ts'
import type { Context } from '../context.ts'
import { CommandError, wrongNumberOfArguments } from '../errors.ts'

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']
const EVERYWHERE = ['request_policy:all_nodes', 'response_policy:all_succeeded']
const BAD_NAME = new CommandError("ERR Usernames can't contain spaces or null characters")
const DEFAULT_STAYS = new CommandError("ERR The 'default' user cannot be removed")
const NO_FILE = new CommandError(
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users ' +
    'via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis ' +
    'configuration file set) in order to store users in the Redis configuration.',
)
const NOT_SAVED = new CommandError(
  'ERR There was an error trying to save the ACLs. Please check the server logs for more ' +
    'information',
)

export const aclSetUser = command({
  name: 'SETUSER',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(N) where N is the number of rules',
  summary: 'Makes a user, or changes one, by rules: all of them or none.',
  arity: -3,
  flags: FLAGS,
  tips: EVERYWHERE,
  history: [
    ['6.2.0', 'Rules about channels.'],
    ['7.0.0', 'Selectors, and reading and writing apart.'],
  ],
  args: [string('username'), string('rule', { optional: true, multiple: true })],
  secrets: ({ count }) => indexesFrom(2, count),
  run({ server, session, args, reply }) {
    const name = args.text(2)
    if (!server.access.isName(name)) throw BAD_NAME
    const words: string[] = []
    for (let i = 3; i < args.count; i++) words.push(args.text(i))
    const error = server.access.setUser(name, words, session)
    if (error !== null) throw new CommandError(`ERR ${error}`)
    reply.ok()
  },
})

export const aclDelUser = command({
  name: 'DELUSER',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(1) for each user, and O(N) for the connections',
  summary: 'Removes users, and ends their connections.',
  arity: -3,
  flags: FLAGS,
  tips: EVERYWHERE,
  args: [string('username', { multiple: true })],
  run({ server, session, args, reply }) {
    const names: string[] = []
    for (let i = 2; i < args.count; i++) names.push(args.text(i))
    if (names.includes(DEFAULT_USER)) throw DEFAULT_STAYS
    let count = 0
    for (const name of names) if (server.access.removeUser(name, session)) count++
    reply.integer(count)
  },
})

/** What DRYRUN was given, behind its own words and the user's name. */
function givenRequest({ args }: Context): Args {
  const request = new Args(args.bytes)
  for (let i = 3; i < args.count; i++) request.push(args.starts[i]!, args.ends[i]!)
  return request
}

function givenCommand({ args, server }: Context, request: Args): Command {
  const command = server.commands.find(request)
  const found =
    command?.subcommands && request.count > 1
      ? (command.subcommands.get(request.text(1).toLowerCase()) ?? null)
      : command
  if (found === null) throw new CommandError(`ERR Command '${cString(args, 3)}' not found`)
  if (!found.takes(request.count)) throw wrongNumberOfArguments(found.fullName)
  return found
}

export const aclDryRun = command({
  name: 'DRYRUN',
  group: 'server',
  since: '7.0.0',
  complexity: 'O(1)',
  summary: 'Says whether a user may run a command, without running it.',
  arity: -4,
  flags: FLAGS,
  args: [string('username'), string('command'), string('arg', { optional: true, multiple: true })],
  run(context) {
    const { args, reply, server } = context
    const user = server.access.acl.get(args.text(2))
    if (user === undefined) throw new CommandError(`ERR User '${cString(args, 2)}' not found`)
    const request = givenRequest(context)
    const reason = server.access.explain(user, givenCommand(context, request), request)
    if (reason === null) reply.ok()
    else reply.bulkText(reason)
  },
})

export const aclLoad = command({
  name: 'LOAD',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(N) where N is the number of users',
  summary: 'Reads the users from the ACL file.',
  arity: 2,
  flags: FLAGS,
  run({ server, session, reply }) {
    if (server.config.get('aclfile') === '') throw NO_FILE
    const errors = server.access.load(session)
    if (errors !== null) throw new CommandError(`ERR ${errors}`)
    reply.ok()
  },
})

export const aclSave = command({
  name: 'SAVE',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(N) where N is the number of users',
  summary: 'Writes the users to the ACL file.',
  arity: 2,
  flags: FLAGS,
  tips: EVERYWHERE,
  run({ server, reply }) {
    if (server.config.get('aclfile') === '') throw NO_FILE
    if (!server.access.save()) throw NOT_SAVED
    reply.ok()
  },
})
