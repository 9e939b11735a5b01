/**
 * `--bigkeys` and `--memkeys`: the largest key of each type, by elements or by memory, and the
 * averages. Keys are taken by SCAN; what is asked about them is their types, and then their sizes.
 */
import type { Reply } from '../../../resp/reply-parser.ts'
import type { ClientSession } from '../client-session.ts'
import { Exit } from '../output.ts'
import { quotedText } from '../reply-format.ts'
import { KeyScan, keyCount, percent, type Question } from './scan.ts'

interface TypeSizes {
  readonly name: string
  /** The command that answers the size; null where only the memory can be asked for. */
  readonly command: string | null
  readonly unit: string
  largest: number
  largestKey: string | null
  count: number
  total: number
}

/** Keys, and what has been learned about them. */
interface SizedKeys {
  readonly keys: readonly string[]
  /** Null for a key that has gone. */
  types: readonly (TypeSizes | null)[]
  sizes: readonly number[]
}

function sizesOf(name: string, command: string | null, unit: string): TypeSizes {
  return { name, command, unit, largest: 0, largestKey: null, count: 0, total: 0 }
}

/** The types in the order in which redis-cli sums them up. */
function knownTypes(): Map<string, TypeSizes> {
  const types = [
    sizesOf('list', 'LLEN', 'items'),
    sizesOf('hash', 'HLEN', 'fields'),
    sizesOf('string', 'STRLEN', 'bytes'),
    sizesOf('stream', 'XLEN', 'entries'),
    sizesOf('set', 'SCARD', 'members'),
    sizesOf('zset', 'ZCARD', 'members'),
  ]
  return new Map(types.map((type) => [type.name, type]))
}

export const SCAN_NOTICE = (what: string): string =>
  `\n# Scanning the entire keyspace to find ${what} keys as well as\n` +
  '# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n' +
  '# per 100 SCAN commands (not usually needed).\n\n'

const PROGRESS_KEYS = 1_000_000

export async function bigKeysMode(session: ClientSession, byMemory: boolean): Promise<number> {
  const { output } = session
  const types = knownTypes()
  const total = await keyCount(session)
  output.write(SCAN_NOTICE('biggest'))
  const newBatch = (keys: readonly string[]): SizedKeys => ({ keys, types: [], sizes: [] })
  const scan = new KeyScan(session, newBatch, [
    typeQuestion(session, types),
    sizeQuestion(session, byMemory),
  ])
  let sampled = 0
  let keyBytes = 0
  let loops = 0
  let share = percent(0, total)
  for await (const { keys, types: found, sizes } of scan) {
    share = percent(sampled, total)
    for (let i = 0; i < keys.length; i++) {
      const type = found[i]
      if (type === null) continue
      type.total += sizes[i]
      type.count++
      keyBytes += keys[i].length
      sampled++
      if (sizes[i] > type.largest) {
        type.largest = sizes[i]
        type.largestKey = quotedText(keys[i])
        const unit = byMemory ? 'bytes' : type.unit
        const what = `Biggest ${type.name.padEnd(6)} found so far '${type.largestKey}'`
        output.write(`[${share}] ${what} with ${sizes[i]} ${unit}\n`)
      }
      if (sampled % PROGRESS_KEYS === 0) {
        output.write(`[${share}] Sampled ${sampled} keys so far\n`)
      }
    }
    if (++loops % 100 === 0) await scan.pause()
  }
  const begin = scan.isCancelled ? `[${share}] ` : ''
  const average = keyBytes === 0 ? 0 : keyBytes / sampled
  output.write(
    `\n-------- summary -------\n\n${begin}Sampled ${sampled} keys in the keyspace!\n` +
      `Total key length in bytes is ${keyBytes} (avg len ${average.toFixed(2)})\n\n`,
  )
  output.write(summary([...types.values()], sampled, byMemory))
  return 0
}

function summary(types: TypeSizes[], sampled: number, byMemory: boolean): string {
  let text = ''
  for (const { name, largest, largestKey, unit } of types) {
    if (largestKey === null) continue
    const size = `${largest} ${byMemory ? 'bytes' : unit}`
    text += `Biggest ${name.padStart(6)} found '${largestKey}' has ${size}\n`
  }
  text += '\n'
  for (const { name, count, total, unit } of types) {
    const share = sampled === 0 ? '00.00%' : percent(count, sampled)
    const average = (count === 0 ? 0 : total / count).toFixed(2)
    const size = `${total} ${byMemory ? 'bytes' : unit}`
    text += `${count} ${name}s with ${size} (${share} of keys, avg size ${average})\n`
  }
  return text
}

/** Asks for the types of keys. Types of modules are added as they come. */
function typeQuestion(
  { output }: ClientSession,
  types: Map<string, TypeSizes>,
): Question<SizedKeys> {
  const typeOf = (reply: Reply): TypeSizes | null => {
    if (reply.type === 'error') {
      output.error(`TYPE returned an error: ${reply.text}\n`)
      throw new Exit(1)
    }
    const known = types.get(reply.text)
    if (known !== undefined || reply.text === 'none') return known ?? null
    const added = sizesOf(reply.text, null, '?')
    types.set(reply.text, added)
    return added
  }
  return {
    ask: ({ keys }) => keys.map((key) => ['TYPE', key]),
    take(batch, replies) {
      batch.types = replies.map(typeOf)
    },
  }
}

/** Asks for the sizes of those keys whose type has a command for it. */
function sizeQuestion({ options, output }: ClientSession, byMemory: boolean): Question<SizedKeys> {
  const { memorySamples } = options
  const samples = memorySamples === 0 ? [] : ['SAMPLES', String(memorySamples)]
  const isAsked = (type: TypeSizes | null): boolean =>
    type !== null && (byMemory || type.command !== null)
  return {
    ask({ keys, types }) {
      const requests: string[][] = []
      for (const [i, key] of keys.entries()) {
        const type = types[i]
        if (!isAsked(type)) continue
        requests.push(byMemory ? ['MEMORY', 'USAGE', key, ...samples] : [type!.command!, key])
      }
      return requests
    },
    take(batch, replies) {
      const { keys, types } = batch
      let next = 0
      batch.sizes = types.map((type, i) => {
        if (!isAsked(type)) return 0
        const reply = replies[next++]
        if (reply.type === 'integer') return Number(reply.text)
        const command = byMemory ? 'MEMORY USAGE' : type!.command
        const what = `${command} on '${keys[i]}' failed (may have changed type)`
        output.error(`Warning:  ${what}\n`)
        return 0
      })
    },
  }
}
