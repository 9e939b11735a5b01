/** CLIENT's subcommands about who the client is: ID, GETNAME, SETNAME, SETINFO. */

import { cString } from '../c-string.ts'
import { command, oneOf, string } from '../command.ts'
import { CommandError } from '../errors.ts'
import { clientName, isClientAttribute } from './client-attribute.ts'

const ALL_NODES = ['request_policy:all_nodes', 'response_policy:all_succeeded']

export const clientId = command({
  name: 'ID',
  group: 'connection',
  since: '5.0.0',
  complexity: 'O(1)',
  summary: 'Answers the number of the connection.',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  run({ session, reply }) {
    reply.integer(session.id)
  },
})

export const clientGetName = command({
  name: 'GETNAME',
  group: 'connection',
  since: '2.6.9',
  complexity: 'O(1)',
  summary: 'Answers the name of the connection.',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  run({ session, reply }) {
    if (session.name === '') reply.nil()
    else reply.bulkText(session.name)
  },
})

export const clientSetName = command({
  name: 'SETNAME',
  group: 'connection',
  since: '2.6.9',
  complexity: 'O(1)',
  summary: 'Names the connection; an empty name takes the name away.',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [string('connection-name')],
  tips: ALL_NODES,
  run({ session, args, reply }) {
    session.name = clientName(args, 2)
    reply.ok()
  },
})

export const clientSetInfo = command({
  name: 'SETINFO',
  group: 'connection',
  since: '7.2.0',
  complexity: 'O(1)',
  summary: 'Tells which client library, of which version, the connection is from.',
  arity: 4,
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
  args: [
    oneOf('attr', [
      string('libname', { token: 'lib-name' }),
      string('libver', { token: 'lib-ver' }),
    ]),
  ],
  tips: ALL_NODES,
  run({ session, args, reply }) {
    const attribute = cString(args, 2)
    const isName = args.is(2, 'lib-name')
    if (!isName && !args.is(2, 'lib-ver')) {
      throw new CommandError(`ERR Unrecognized option '${attribute}'`)
    }
    if (!isClientAttribute(args, 3)) {
      const problem = 'cannot contain spaces, newlines or special characters.'
      throw new CommandError(`ERR ${attribute} ${problem}`)
    }
    if (isName) session.libName = args.text(3)
    else session.libVersion = args.text(3)
    reply.ok()
  },
})
