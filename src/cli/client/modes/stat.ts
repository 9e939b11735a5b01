/** `--stat`: a line of INFO's figures a second, or what `-i` says, until it is stopped. */
import { humanBytes } from '../../../bytes/human-bytes.ts'
import { type ClientSession, pause } from '../client-session.ts'
import { callReconnecting } from './reconnecting.ts'

const HEAD_LINES = 20
const HEAD =
  '------- data ------ --------------------- load -------------------- - child -\n' +
  'keys       mem      clients blocked requests            connections          \n'
const DATABASES = 20

export async function statMode(session: ClientSession): Promise<number> {
  const { options, output } = session
  let requestsBefore = 0
  for (let i = 0; ; i++) {
    const reply = await callReconnecting(session, 'INFO')
    if (reply.type === 'error') {
      output.error(`ERROR: ${reply.text}\n`)
      return 1
    }
    const field = (name: string): number => infoField(reply.text, name) ?? 0
    const requests = field('total_commands_processed')
    const made = requestsBefore === 0 ? 0 : requests - requestsBefore
    requestsBefore = requests
    let keys = 0
    for (let db = 0; db < DATABASES; db++) keys += infoField(reply.text, `db${db}:keys`) ?? 0
    output.write(
      (i % HEAD_LINES === 0 ? HEAD : '') +
        String(keys).padEnd(11) +
        humanBytes(field('used_memory')).padEnd(8) +
        ` ${String(field('connected_clients')).padEnd(8)}` +
        String(field('blocked_clients')).padEnd(8) +
        `${requests} (+${made})`.padEnd(19) +
        ` ${String(field('total_connections_received')).padEnd(12)}` +
        `${childState(field)}\n`,
    )
    await pause(options.intervalMs || 1000)
  }
}

/** What the server does besides serving; combinations that redis-cli does not name are not. */
function childState(field: (name: string) => number): string {
  const saves = field('bgsave_in_progress')
  const rewrites = field('aof_rewrite_in_progress')
  if (field('loading') !== 0) return saves || rewrites ? '' : 'LOAD'
  if (saves !== 0) return rewrites === 0 ? 'SAVE' : 'SAVE+AOF'
  return rewrites === 0 ? '' : 'AOF'
}

/** The number of `name:123` or, within a line of fields, `name=123`. */
function infoField(info: string, name: string): number | null {
  const begin = info.indexOf(name)
  if (begin < 0) return null
  const value = Number.parseInt(info.slice(begin + name.length + 1, begin + name.length + 24), 10)
  return Number.isNaN(value) ? null : value
}
