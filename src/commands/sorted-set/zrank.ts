/** ZRANK and ZREVRANK. */
import { type CommandSpec, command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { SYNTAX_ERROR, wrongNumberOfArguments } from '../errors.ts'
import { readSortedSet } from './cursors.ts'

function rankCommand(name: string, order: string, reverse: boolean): CommandSpec {
  const tooMany = wrongNumberOfArguments(name.toLowerCase())
  return command({
    name,
    group: 'sorted-set',
    since: '2.0.0',
    complexity: 'O(log(N)) where N is the number of members.',
    summary: `Answers how many members come before one, from the ${order} score on.`,
    arity: -3,
    flags: ['readonly', 'fast'],
    categories: ['sortedset'],
    keys: [{ begin: 1, access: 'RO', intent: 'access' }],
    args: [
      key('key'),
      string('member'),
      {
        name: 'withscore',
        type: 'pure-token',
        token: 'WITHSCORE',
        optional: true,
      },
    ],
    history: [['7.2.0', 'Takes the option `WITHSCORE`.']],
    run(context) {
      const { args } = context
      if (args.count > 4) throw tooMany
      if (args.count === 4 && !args.is(3, 'withscore')) throw SYNTAX_ERROR
      replyRank(context, args.count === 4, reverse)
    },
  })
}

function replyRank(context: Context, withScore: boolean, reverse: boolean): void {
  const { args, reply } = context
  const set = readSortedSet(context, 1)
  const start = args.starts[2]!
  const length = args.ends[2]! - start
  const position = set === null ? 0 : set.find(args.bytes, args.view, start, length)
  if (set === null || position === 0) return withScore ? reply.nilArray() : reply.nil()
  const rank = set.rankOf(position)
  if (withScore) reply.array(2)
  reply.integer(reverse ? set.length - 1 - rank : rank)
  if (withScore) reply.double(set.score)
}

export const zrank = rankCommand('ZRANK', 'lowest', false)
export const zrevrank = rankCommand('ZREVRANK', 'highest', true)
