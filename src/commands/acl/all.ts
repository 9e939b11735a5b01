/** ACL: the container of the commands about users and their rights. */
import { type CommandSpec, command } from '../command.ts'
import { replyWithHelp } from '../server/help.ts'
import { aclCat, aclGenPass, aclWhoAmI } from './acl-information.ts'
import { aclLog } from './acl-log.ts'
import { aclDelUser, aclDryRun, aclLoad, aclSave, aclSetUser } from './acl-users.ts'
import { aclGetUser, aclList, aclUsers } from './acl-view.ts'

const aclHelp = command({
  name: 'HELP',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(1)',
  summary: 'Explains the subcommands.',
  arity: 2,
  flags: ['loading', 'stale'],
  run: (context) => replyWithHelp(context, 'ACL', subcommands),
})

const subcommands: readonly CommandSpec[] = [
  aclCat,
  aclDelUser,
  aclDryRun,
  aclGenPass,
  aclGetUser,
  aclHelp,
  aclList,
  aclLoad,
  aclLog,
  aclSave,
  aclSetUser,
  aclUsers,
  aclWhoAmI,
]

const acl = command({
  name: 'ACL',
  group: 'server',
  since: '6.0.0',
  complexity: 'Depends on subcommand.',
  summary: 'Commands about users and their rights.',
  arity: -2,
  flags: [],
  subcommands,
})

export const aclCommands: readonly CommandSpec[] = [acl]
