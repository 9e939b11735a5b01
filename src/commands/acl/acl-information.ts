/** ACL CAT, GENPASS and WHOAMI: what anybody may ask. */
import { randomBytes } from 'node:crypto'
import { ACL_CATEGORIES, categoriesOf } from '../acl-categories.ts'
import { integer64 } from '../arguments.ts'
import { cString } from '../c-string.ts'
import { type CommandFlag, command, integer, string } from '../command.ts'
import type { Command } from '../command-table.ts'
import { wrongUsage } from '../connection/client-usage.ts'
import { CommandError } from '../errors.ts'

const FLAGS: readonly CommandFlag[] = ['noscript', 'loading', 'stale']
const SHOWN_CHARACTERS = 128
const PASSWORD_BITS = 256
const MAX_PASSWORD_BITS = 4096
const BAD_BITS = new CommandError(
  'ERR ACL GENPASS argument must be the number of bits for the output password, a positive ' +
    `number up to ${MAX_PASSWORD_BITS}`,
)

export const aclCat = command({
  name: 'CAT',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(1) since the categories and commands are fixed',
  summary: 'Lists the categories of commands, or the commands of one.',
  arity: -2,
  flags: FLAGS,
  args: [string('category', { optional: true })],
  run({ server, args, reply }) {
    if (args.count > 3) throw wrongUsage(args)
    if (args.count === 2) {
      reply.array(ACL_CATEGORIES.length)
      for (const category of ACL_CATEGORIES) reply.bulkText(category)
      return
    }
    const category = ACL_CATEGORIES.find((each) => args.is(2, each))
    if (category === undefined) {
      const shown = cString(args, 2).slice(0, SHOWN_CHARACTERS)
      throw new CommandError(`ERR Unknown category '${shown}'`)
    }
    const names: string[] = []
    const take = ({ fullName, spec, subcommands }: Command): void => {
      if (categoriesOf(spec).includes(category)) names.push(fullName)
      for (const sub of subcommands?.values() ?? []) take(sub)
    }
    for (const each of server.commands.allDeclared()) take(each)
    reply.array(names.length)
    for (const name of names) reply.bulkText(name)
  },
})

export const aclGenPass = command({
  name: 'GENPASS',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(1)',
  summary: 'Makes up a password that nobody can guess.',
  arity: -2,
  flags: FLAGS,
  args: [integer('bits', { optional: true })],
  run({ args, reply }) {
    if (args.count > 3) throw wrongUsage(args)
    const bits = args.count === 3 ? Number(integer64(args, 2)) : PASSWORD_BITS
    if (bits <= 0 || bits > MAX_PASSWORD_BITS) throw BAD_BITS
    const characters = Math.ceil(bits / 4)
    const digits = randomBytes(Math.ceil(characters / 2)).toString('hex')
    reply.bulkText(digits.slice(0, characters))
  },
})

export const aclWhoAmI = command({
  name: 'WHOAMI',
  group: 'server',
  since: '6.0.0',
  complexity: 'O(1)',
  summary: 'Answers the name of the user that the connection is.',
  arity: 2,
  flags: FLAGS,
  run({ session, reply }) {
    reply.bulkText(session.user.name)
  },
})
