/**
 * `--hotkeys`: the sixteen keys with the highest access counters, by OBJECT FREQ. The server has
 * to keep such counters, that is, to have an LFU policy; else it says so.
 */
import { type ClientSession, pause } from '../client-session.ts'
import { Exit } from '../output.ts'
import { quotedText } from '../reply-format.ts'
import { SCAN_NOTICE } from './big-keys.ts'
import { KeyScan, keyCount, percent, pipeline } from './scan.ts'

const SHOWN_KEYS = 16

interface HotKey {
  readonly counter: number
  readonly name: string
}

export async function hotKeysMode(session: ClientSession): Promise<number> {
  const { options, output } = session
  const total = await keyCount(session)
  output.write(SCAN_NOTICE('hot'))
  const scan = new KeyScan(session)
  /** In the order of their counters, the highest last. */
  const hottest: HotKey[] = []
  let sampled = 0
  let loops = 0
  let share = percent(0, total)
  for await (const keys of scan) {
    share = percent(sampled, total)
    const counters = await countersOf(session, keys)
    for (let i = 0; i < keys.length; i++) {
      sampled++
      if (sampled % 1_000_000 === 0) output.write(`[${share}] Sampled ${sampled} keys so far\n`)
      const name = quotedText(keys[i])
      if (!insert(hottest, { counter: counters[i], name })) continue
      const what = `Hot key '${name}' found so far with counter ${counters[i]}`
      output.write(`[${share}] ${what}\n`)
    }
    if (++loops % 100 === 0 && options.intervalMs > 0) await pause(options.intervalMs)
  }
  const begin = scan.isCancelled ? `[${share}] ` : ''
  output.write(`\n-------- summary -------\n\n${begin}Sampled ${sampled} keys in the keyspace!\n`)
  for (const { counter, name } of hottest.reverse()) {
    output.write(`hot key found with counter: ${counter}\tkeyname: ${name}\n`)
  }
  return 0
}

/** Puts a key among the hottest, if it is one. */
function insert(hottest: HotKey[], key: HotKey): boolean {
  const isFull = hottest.length === SHOWN_KEYS
  if (key.counter === 0 || (isFull && key.counter <= hottest[0].counter)) return false
  if (isFull) hottest.shift()
  const place = hottest.findIndex(({ counter }) => counter >= key.counter)
  hottest.splice(place < 0 ? hottest.length : place, 0, key)
  return true
}

async function countersOf(session: ClientSession, keys: readonly string[]): Promise<number[]> {
  const replies = await pipeline(
    session,
    keys.map((key) => ['OBJECT', 'FREQ', key]),
  )
  return replies.map((reply, i) => {
    if (reply.type === 'integer') return Number(reply.text)
    if (reply.type === 'error') {
      session.output.error(`Error: ${reply.text}\n`)
      throw new Exit(1)
    }
    const name = quotedText(keys[i])
    session.output.error(`Warning: OBJECT freq on '${name}' failed (may have been deleted)\n`)
    return 0
  })
}
