/** LOLWUT: a picture, and the version. */
import { REDIS_VERSION } from '../../config/config.ts'
import { integer64 } from '../arguments.ts'
import { command, integer } from '../command.ts'
import type { Context } from '../context.ts'

const DEFAULT_COLUMNS = 66
const DEFAULT_ROWS = 20
const MAX_COLUMNS = 1000
const MAX_ROWS = 200

/** A row of Wolfram's rule 30 out of the one above it, which is thought of as a ring. */
function nextRow(row: readonly boolean[]): boolean[] {
  const width = row.length
  return row.map((center, x) => {
    const left = row[(x + width - 1) % width]!
    const right = row[(x + 1) % width]!
    return left !== (center || right)
  })
}

/** Rule 30 from a few cells chosen at random: order to the left of each, chaos to the right. */
function picture({ server }: Context, columns: number, rows: number): string {
  let row: boolean[] = new Array(columns).fill(false)
  const seeds = 1 + server.random.below(3)
  for (let i = 0; i < seeds; i++) row[server.random.below(columns)] = true
  let text = ''
  for (let y = 0; y < rows; y++) {
    text += `${row
      .map((cell) => (cell ? '#' : ' '))
      .join('')
      .trimEnd()}\n`
    row = nextRow(row)
  }
  return text
}

export const lolwut = command({
  name: 'LOLWUT',
  group: 'server',
  since: '5.0.0',
  complexity: '',
  summary: 'Draws a picture and tells the version.',
  arity: -1,
  flags: ['readonly', 'fast'],
  args: [integer('version', { token: 'VERSION', optional: true })],
  run(context) {
    const { args, reply } = context
    let version = 0
    let next = 1
    if (args.count >= 3 && args.is(1, 'version')) {
      version = Number(integer64(args, 2))
      next = 3
    }
    // The pictures of versions 5 and 6 take their size from the arguments; others take none.
    const isSized = version === 5 || version === 6
    const size = (index: number, initial: number, max: number): number => {
      if (!isSized || index >= args.count) return initial
      return Math.min(Math.max(Number(integer64(args, index)), 1), max)
    }
    const columns = size(next, DEFAULT_COLUMNS, MAX_COLUMNS)
    const rows = size(next + 1, DEFAULT_ROWS, MAX_ROWS)
    reply.verbatim('txt', `${picture(context, columns, rows)}\nRedis ver. ${REDIS_VERSION}\n`)
  },
})
