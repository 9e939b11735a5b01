/**
 * `--hotkeys`: the sixteen keys with the highest access counters, by OBJECT FREQ. The server has
 * to keep such counters, that is, to have an LFU policy; else it says so.
 */
import type { Reply } from '../../../resp/reply-parser.ts'
import type { ClientSession } from '../client-session.ts'
import { Exit } from '../output.ts'
import { quotedText } from '../reply-format.ts'
import { SCAN_NOTICE } from './big-keys.ts'
import { KeyScan, keyCount, percent, type Question } from './scan.ts'

const SHOWN_KEYS = 16

interface HotKey {
  readonly counter: number
  readonly name: string
}

/** Keys, and their counters once they are known. */
interface CountedKeys {
  readonly keys: readonly string[]
  counters: readonly number[]
}

export async function hotKeysMode(session: ClientSession): Promise<number> {
  const { output } = session
  const total = await keyCount(session)
  output.write(SCAN_NOTICE('hot'))
  const newBatch = (keys: readonly string[]): CountedKeys => ({ keys, counters: [] })
  const scan = new KeyScan(session, newBatch, [counterQuestion(session)])
  /** In the order of their counters, the highest last. */
  const hottest: HotKey[] = []
  let sampled = 0
  let loops = 0
  let share = percent(0, total)
  for await (const { keys, counters } of scan) {
    share = percent(sampled, total)
    for (let i = 0; i < keys.length; i++) {
      sampled++
      if (sampled % 1_000_000 === 0) output.write(`[${share}] Sampled ${sampled} keys so far\n`)
      if (!isHot(hottest, counters[i])) continue
      const name = quotedText(keys[i])
      insert(hottest, { counter: counters[i], name })
      const what = `Hot key '${name}' found so far with counter ${counters[i]}`
      output.write(`[${share}] ${what}\n`)
    }
    if (++loops % 100 === 0) await scan.pause()
  }
  const begin = scan.isCancelled ? `[${share}] ` : ''
  output.write(`\n-------- summary -------\n\n${begin}Sampled ${sampled} keys in the keyspace!\n`)
  for (const { counter, name } of hottest.reverse()) {
    output.write(`hot key found with counter: ${counter}\tkeyname: ${name}\n`)
  }
  return 0
}

/** Whether a key with this counter belongs among the hottest. */
function isHot(hottest: readonly HotKey[], counter: number): boolean {
  return counter > 0 && (hottest.length < SHOWN_KEYS || counter > hottest[0].counter)
}

/** Puts a hot key in its place. */
function insert(hottest: HotKey[], key: HotKey): void {
  if (hottest.length === SHOWN_KEYS) hottest.shift()
  const place = hottest.findIndex(({ counter }) => counter >= key.counter)
  hottest.splice(place < 0 ? hottest.length : place, 0, key)
}

function counterQuestion({ output }: ClientSession): Question<CountedKeys> {
  const counterOf = (reply: Reply, key: string): number => {
    if (reply.type === 'integer') return Number(reply.text)
    if (reply.type === 'error') {
      output.error(`Error: ${reply.text}\n`)
      throw new Exit(1)
    }
    const name = quotedText(key)
    output.error(`Warning: OBJECT freq on '${name}' failed (may have been deleted)\n`)
    return 0
  }
  return {
    ask: ({ keys }) => keys.map((key) => ['OBJECT', 'FREQ', key]),
    take(batch, replies) {
      batch.counters = replies.map((reply, i) => counterOf(reply, batch.keys[i]))
    },
  }
}
