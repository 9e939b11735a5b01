/**
 * The command line of `redstart benchmark`: the flags of redis-benchmark 7.2, read as it reads them
 * (a number that is none is 0, limits are silently kept), and Redstart's own.
 */
import { leadingInteger } from '../../bytes/integers.ts'
import { encoded } from '../../config/byte-string.ts'
import { parseUri } from '../server-uri.ts'
import {
  noTlsFlags,
  readTlsSettings,
  TLS_SWITCHES,
  TLS_VALUES,
  type TlsSettings,
} from '../tls-flags.ts'
import { type DataSizes, fixedSize, parseSizeList, parseSizeRange } from './data-sizes.ts'
import { type Distribution, parseDistribution } from './key-sampler.ts'
import type { Target } from './target.ts'

export interface BenchmarkOptions {
  target: Target
  clients: number
  requests: number
  sizes: DataSizes
  keepAlive: boolean
  /** Numbers are drawn below this; null when `__rand_int__` stays as it is. */
  keyCount: number | null
  pipeline: number
  threads: number
  isQuiet: boolean
  isCsv: boolean
  isLoop: boolean
  isIdle: boolean
  /** Names of tests; null for all. */
  tests: string[] | null
  /** Decimal digits that latencies keep. */
  digits: number
  seed: number
  takesStdin: boolean
  rate: number
  distribution: Distribution
  mixture: Mixture | null
  /** The command at the end of the line, if there is one. */
  command: string[]
}

export interface Mixture {
  names: string[]
  weights: number[]
}

/** What the flags ask for: a run, or only a text; `status` is to be exited with then. */
export type ParsedOptions =
  | { kind: 'run'; options: BenchmarkOptions; warnings: string[] }
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'invalid'; text: string }

const MAX_THREADS = 500
const DEFAULT_DIGITS = 3
const MAX_DIGITS = 4
const MAX_KEY_COUNT = 1e12
const MAX_RATIO = 1000

/** The flags in the making. */
class Draft {
  host = '127.0.0.1'
  port = 6379
  socketPath = ''
  user: string | undefined
  password: string | undefined
  database = 0
  isResp3 = false
  hasTracking = false
  tls = noTlsFlags()
  warnings: string[] = []
  options = {
    clients: 50,
    requests: 100_000,
    sizes: fixedSize(3),
    keepAlive: true,
    keyCount: null as number | null,
    pipeline: 1,
    threads: 0,
    isQuiet: false,
    isCsv: false,
    isLoop: false,
    isIdle: false,
    tests: null as string[] | null,
    digits: DEFAULT_DIGITS,
    seed: (Date.now() ^ process.pid) >>> 0,
    takesStdin: false,
    rate: 0,
    distribution: { kind: 'uniform' } as Distribution,
    mixture: null as Mixture | null,
    command: [] as string[],
  }
}

/** Applies a flag's value. A text that it answers is what is wrong with it; '' is the usual one. */
type Apply = (draft: Draft, value: string) => string | undefined

const INVALID = ''

/** Flags without a value. */
const SWITCHES = new Map<string, (draft: Draft) => void>([
  ['-x', (draft) => void (draft.options.takesStdin = true)],
  ['-3', (draft) => void (draft.isResp3 = true)],
  ['-q', (draft) => void (draft.options.isQuiet = true)],
  ['--csv', (draft) => void (draft.options.isCsv = true)],
  ['-l', (draft) => void (draft.options.isLoop = true)],
  ['-I', (draft) => void (draft.options.isIdle = true)],
  ['--enable-tracking', (draft) => void (draft.hasTracking = true)],
  [
    '-e',
    (draft) => {
      draft.warnings.push('WARNING: -e changes nothing: an error reply ends the benchmark at once.')
    },
  ],
  ...TLS_SWITCHES,
])

/** Flags with a value. */
const VALUES: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['-h', (draft, value) => void (draft.host = value)],
  ['-p', (draft, value) => setPort(draft, leadingInteger(value))],
  ['-s', (draft, value) => void (draft.socketPath = value)],
  ['-a', (draft, value) => void (draft.password = encoded(value))],
  ['--user', (draft, value) => void (draft.user = encoded(value))],
  ['-u', setUri],
  ['--dbnum', (draft, value) => void (draft.database = leadingInteger(value))],
  ['-c', ({ options }, value) => void (options.clients = Math.max(1, leadingInteger(value)))],
  ['-n', ({ options }, value) => void (options.requests = Math.max(1, leadingInteger(value)))],
  ['-d', ({ options }, value) => void (options.sizes = fixedSize(leadingInteger(value)))],
  ['-k', ({ options }, value) => void (options.keepAlive = leadingInteger(value) !== 0)],
  ['-P', ({ options }, value) => void (options.pipeline = Math.max(1, leadingInteger(value)))],
  ['-r', setKeyCount],
  ['-t', ({ options }, value) => void (options.tests = value.toLowerCase().split(','))],
  ['--threads', setThreads],
  ['--precision', setDigits],
  ['--seed', ({ options }, value) => void (options.seed = leadingInteger(value))],
  ['--rate', setRate],
  ['--distribution', setDistribution],
  ['--data-size-range', (draft, value) => setSizes(draft, parseSizeRange(value))],
  ['--data-size-list', (draft, value) => setSizes(draft, parseSizeList(value))],
  ...TLS_VALUES,
])

/** Reads the words after `redstart benchmark`. */
export function parseOptions(words: readonly string[]): ParsedOptions {
  const draft = new Draft()
  let at = 0
  for (; at < words.length; at++) {
    const flag = words[at]!
    if (flag === '--help') return { kind: 'help' }
    if (flag === '-v' || flag === '--version') return { kind: 'version' }
    const flip = SWITCHES.get(flag)
    if (flip !== undefined) {
      flip(draft)
      continue
    }
    const invalid = `Invalid option "${flag}" or option argument missing`
    if (flag === '--ratio') {
      const taken = setMixture(draft, words.slice(at + 1))
      if (taken === 0) return { kind: 'invalid', text: invalid }
      at += taken
      continue
    }
    const apply = VALUES.get(flag)
    if (apply === undefined) {
      if (flag.startsWith('-')) return { kind: 'invalid', text: invalid }
      break
    }
    const value = words[++at]
    if (value === undefined) return { kind: 'invalid', text: invalid }
    const fault = apply(draft, value)
    if (typeof fault === 'string') return { kind: 'invalid', text: fault || invalid }
  }
  draft.options.command = words.slice(at)
  return finish(draft)
}

function finish(draft: Draft): ParsedOptions {
  const { host, port, socketPath, user, password, database, isResp3, hasTracking } = draft
  let tls: TlsSettings | null = null
  try {
    if (draft.tls.enabled) tls = readTlsSettings(draft.tls)
  } catch (error) {
    return { kind: 'invalid', text: (error as Error).message }
  }
  const place = { host, port, socketPath, user, password, database, isResp3, hasTracking }
  const options = { ...draft.options, target: { ...place, tls } }
  return { kind: 'run', options, warnings: draft.warnings }
}

function setPort(draft: Draft, port: number): string | undefined {
  if (port < 0 || port > 65535) return 'Invalid server port.'
  draft.port = port
  return undefined
}

function setUri(draft: Draft, text: string): string | undefined {
  const uri = parseUri(text)
  if (typeof uri === 'string') return uri
  if (uri.isTls) draft.tls.enabled = true
  draft.host = uri.host ?? draft.host
  draft.user = uri.user || draft.user
  draft.password = uri.password ?? draft.password
  draft.database = uri.database ?? draft.database
  return uri.port === null ? undefined : setPort(draft, uri.port)
}

function setKeyCount({ options }: Draft, value: string): string | undefined {
  if (value.startsWith('-') && !/^-\d/.test(value)) return INVALID
  options.keyCount = Math.min(MAX_KEY_COUNT, Math.max(0, leadingInteger(value)))
  return undefined
}

function setThreads(draft: Draft, value: string): undefined {
  const threads = leadingInteger(value)
  if (threads > MAX_THREADS) {
    draft.warnings.push(`WARNING: Too many threads, limiting threads to ${MAX_THREADS}.`)
  }
  draft.options.threads = Math.min(MAX_THREADS, Math.max(0, threads))
}

function setDigits({ options }: Draft, value: string): undefined {
  const digits = leadingInteger(value)
  options.digits = digits < 0 ? DEFAULT_DIGITS : Math.min(MAX_DIGITS, Math.max(1, digits))
}

function setRate({ options }: Draft, value: string): string | undefined {
  options.rate = Number(value)
  return options.rate > 0 ? undefined : '--rate takes requests a second, a number above 0'
}

function setDistribution({ options }: Draft, value: string): string | undefined {
  const distribution = parseDistribution(value)
  if (distribution === undefined) return '--distribution takes uniform, zipf, zipf:S or sequential'
  options.distribution = distribution
  return undefined
}

function setSizes({ options }: Draft, sizes: DataSizes | undefined): string | undefined {
  if (sizes === undefined) return INVALID
  options.sizes = sizes
  return undefined
}

/**
 * Reads `1:10` (of SET and GET, as memtier_benchmark has it) or `SET:GET 1:10` with names of tests.
 * @returns how many words that were, 0 if they are not understood
 */
function setMixture({ options }: Draft, words: readonly string[]): number {
  const hasNames = /^[a-z]/i.test(words[0] ?? '')
  const names = hasNames ? words[0]!.split(':') : ['set', 'get']
  const text = words[hasNames ? 1 : 0] ?? ''
  if (!/^\d+(:\d+)*$/.test(text)) return 0
  const weights = text.split(':').map(Number)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (weights.length !== names.length || total === 0 || total > MAX_RATIO) return 0
  options.mixture = { names, weights }
  return hasNames ? 2 : 1
}
