/**
 * The command line of `redstart cli`, by the flags of redis-cli 7.2 and a few of its own.
 *
 * As there, options come before the command: the first word that is none begins it. A flag whose
 * value is missing is an unrecognized option. Texts of words that go to the server are bytes as
 * Latin-1, so that nothing is lost on their way.
 */
import { leadingInteger } from '../../bytes/integers.ts'
import { encoded } from '../../config/byte-string.ts'
import { parseUri } from '../server-uri.ts'
import { noTlsFlags, TLS_SWITCHES, TLS_VALUES, type TlsFlags } from '../tls-flags.ts'

export type OutputFormat = 'standard' | 'raw' | 'csv' | 'json' | 'quoted-json'

/** What is done instead of running commands. */
export type Mode =
  | 'commands'
  | 'latency'
  | 'latency-dist'
  | 'stat'
  | 'scan'
  | 'bigkeys'
  | 'memkeys'
  | 'hotkeys'
  | 'pipe'
  | 'rdb'
  | 'functions-rdb'
  | 'lru-test'
  | 'intrinsic-latency'
  | 'help'
  | 'version'

export interface ClientOptions {
  host: string
  port: number
  socketPath: string | null
  user: string | null
  password: string | null
  asksPassword: boolean
  warnsOfPassword: boolean
  database: number
  resp2: boolean
  /** RESP3: not asked for; needed; or used where the server has it, as for JSON. */
  resp3: 'no' | 'required' | 'preferred'
  repeat: number
  intervalMs: number
  format: OutputFormat
  stdinIsLast: boolean
  stdinTag: string | null
  quotedInput: boolean
  elementDelimiter: string
  replyDelimiter: string
  failsOnError: boolean
  cluster: boolean
  showsPushes: boolean
  mode: Mode
  latencyHistory: boolean
  monochrome: boolean
  pattern: string | null
  scanCount: number
  pipeTimeoutSeconds: number
  memorySamples: number
  /** The file, or the number, that a mode needs. */
  modeArgument: string
  evalFile: string | null
  pager: boolean
  /** The directory to serve standalone from the start; '' is the default one; null is not. */
  standalone: string | null
  tls: TlsFlags
  /** The command and its arguments, Latin-1. */
  words: string[]
}

/** The command line says to stop: with an error, or with nothing left to do. */
export class CommandLineError extends Error {}

function defaultOptions(isTerminal: boolean): ClientOptions {
  return {
    host: '127.0.0.1',
    port: 6379,
    socketPath: null,
    user: null,
    password: null,
    asksPassword: false,
    warnsOfPassword: true,
    database: 0,
    resp2: false,
    resp3: 'no',
    repeat: 1,
    intervalMs: 0,
    format: isTerminal ? 'standard' : 'raw',
    stdinIsLast: false,
    stdinTag: null,
    quotedInput: false,
    elementDelimiter: '\n',
    replyDelimiter: '\n',
    failsOnError: false,
    cluster: false,
    showsPushes: isTerminal,
    mode: 'commands',
    latencyHistory: false,
    monochrome: false,
    pattern: null,
    scanCount: 10,
    pipeTimeoutSeconds: 30,
    memorySamples: 0,
    modeArgument: '',
    evalFile: null,
    pager: true,
    standalone: null,
    tls: noTlsFlags(),
    words: [],
  }
}

type Setter = (options: ClientOptions) => void
type ValueSetter = (options: ClientOptions, value: string) => void

const mode =
  (name: Mode): Setter =>
  (o) => {
    o.mode = name
  }
const modeWith =
  (name: Mode): ValueSetter =>
  (o, value) => {
    o.mode = name
    o.modeArgument = value
  }
const format =
  (name: OutputFormat): Setter =>
  (o) => {
    o.format = name
    // RESP3 tells maps from arrays; what `-3` says counts more.
    if (name.endsWith('json') && o.resp3 === 'no') o.resp3 = 'preferred'
  }

const FLAGS = new Map<string, Setter>([
  ['--help', mode('help')],
  ['-v', mode('version')],
  ['--version', mode('version')],
  ['-x', (o) => (o.stdinIsLast = true)],
  ['--no-auth-warning', (o) => (o.warnsOfPassword = false)],
  ['--askpass', (o) => (o.asksPassword = true)],
  ['--raw', format('raw')],
  ['--no-raw', format('standard')],
  ['--csv', format('csv')],
  ['--json', format('json')],
  ['--quoted-json', format('quoted-json')],
  ['--quoted-input', (o) => (o.quotedInput = true)],
  ['-2', (o) => (o.resp2 = true)],
  ['-3', (o) => (o.resp3 = 'required')],
  ['-c', (o) => (o.cluster = true)],
  ['-e', (o) => (o.failsOnError = true)],
  // Of redis-cli's commands for clusters only.
  ['--verbose', () => {}],
  ['--latency', mode('latency')],
  [
    '--latency-history',
    (o) => {
      o.mode = 'latency'
      o.latencyHistory = true
    },
  ],
  ['--latency-dist', mode('latency-dist')],
  ['--mono', (o) => (o.monochrome = true)],
  ['--stat', mode('stat')],
  ['--scan', mode('scan')],
  ['--bigkeys', mode('bigkeys')],
  ['--memkeys', mode('memkeys')],
  ['--hotkeys', mode('hotkeys')],
  ['--pipe', mode('pipe')],
  ['--no-pager', (o) => (o.pager = false)],
  ...TLS_SWITCHES,
])

const VALUES = new Map<string, ValueSetter>([
  ['-h', (o, value) => (o.host = value)],
  ['-p', (o, value) => (o.port = portOf(leadingInteger(value)))],
  ['-s', (o, value) => (o.socketPath = value)],
  ['-r', (o, value) => (o.repeat = leadingInteger(value))],
  ['-i', (o, value) => (o.intervalMs = Math.max(0, real(value) * 1000))],
  ['-n', (o, value) => (o.database = leadingInteger(value))],
  ['-a', (o, value) => (o.password = encoded(value))],
  ['--pass', (o, value) => (o.password = encoded(value))],
  ['--user', (o, value) => (o.user = encoded(value))],
  ['-u', setUri],
  ['-X', (o, value) => (o.stdinTag = encoded(value))],
  ['-d', (o, value) => (o.elementDelimiter = encoded(value))],
  ['-D', (o, value) => (o.replyDelimiter = encoded(value))],
  ['--pattern', (o, value) => (o.pattern = encoded(value))],
  ['--count', (o, value) => (o.scanCount = leadingInteger(value))],
  ['--pipe-timeout', (o, value) => (o.pipeTimeoutSeconds = leadingInteger(value))],
  [
    '--memkeys-samples',
    (o, value) => {
      o.mode = 'memkeys'
      o.memorySamples = leadingInteger(value)
    },
  ],
  ['--rdb', modeWith('rdb')],
  ['--functions-rdb', modeWith('functions-rdb')],
  ['--lru-test', modeWith('lru-test')],
  ['--intrinsic-latency', modeWith('intrinsic-latency')],
  ['--eval', (o, value) => (o.evalFile = value)],
  ...TLS_VALUES,
])

const ABSENT = new Map([
  ['--replica', 'Redstart shows no stream of replication yet.'],
  ['--slave', 'Redstart shows no stream of replication yet.'],
  ['--ldb', 'Redstart has no Lua debugger.'],
  ['--ldb-sync-mode', 'Redstart has no Lua debugger.'],
  ['--cluster', 'Redstart has no cluster commands: redis-cli --cluster has them.'],
])

/** What a command line came to: options, and texts for standard error on the way. */
export interface ParsedCommandLine {
  readonly options: ClientOptions
  readonly warnings: readonly string[]
}

/**
 * Reads a command line.
 *
 * @param argv the words after `redstart cli`
 * @param isTerminal whether the output is a terminal, which decides the format
 * @param isDirectory says whether there is such a directory, for `--standalone [DIR]`
 */
export function parseClientOptions(
  argv: readonly string[],
  isTerminal: boolean,
  isDirectory: (path: string) => boolean,
  unquote: (text: string) => string | null,
): ParsedCommandLine {
  const options = defaultOptions(isTerminal)
  const warnings: string[] = []
  let i = 0
  for (; i < argv.length; i++) {
    const word = argv[i]
    const value: string | undefined = argv[i + 1]
    const flag = FLAGS.get(word)
    const valueFlag = VALUES.get(word)
    if (flag !== undefined) flag(options)
    else if (valueFlag !== undefined && value !== undefined) {
      valueFlag(options, value)
      i++
    } else if (word === '-h') options.mode = 'help'
    else if (word === '--show-pushes' && value !== undefined) {
      i++
      if (/^[ny]/i.test(value)) options.showsPushes = /^y/i.test(value)
      else warnings.push(`Unknown --show-pushes value '${value}' (valid: '[y]es', '[n]o')\n`)
    } else if (word === '--quoted-pattern' && value !== undefined) {
      i++
      options.pattern = unquote(encoded(value))
      if (options.pattern === null) {
        throw new CommandLineError('Invalid quoted string specified for --quoted-pattern.')
      }
    } else if (word === '--standalone') {
      const isNamed = value !== undefined && (/[/\\]|^\.|^~/.test(value) || isDirectory(value))
      options.standalone = isNamed ? value : ''
      if (isNamed) i++
    } else if (word.startsWith('--standalone=')) options.standalone = word.slice(13)
    else if (ABSENT.has(word) || word.startsWith('--cluster-')) {
      throw new CommandLineError(ABSENT.get(word) ?? ABSENT.get('--cluster')!)
    } else if (word.startsWith('-')) {
      throw new CommandLineError(`Unrecognized option or bad number of args for: '${word}'`)
    } else break
    if (options.mode === 'help' || options.mode === 'version') break
  }
  options.words = argv.slice(i).map(encoded)
  checkTogether(options)
  if (options.warnsOfPassword && options.password !== null) {
    warnings.push(
      "Warning: Using a password with '-a' or '-u' option on the command line interface may not " +
        'be safe.\n',
    )
  }
  return { options, warnings }
}

function checkTogether(options: ClientOptions): void {
  const fail = (text: string): never => {
    throw new CommandLineError(text)
  }
  if (options.socketPath !== null && options.cluster) {
    fail('Options -c and -s are mutually exclusive.')
  }
  if (options.resp2 && options.resp3 === 'required') {
    fail('Options -2 and -3 are mutually exclusive.')
  }
  if (options.stdinIsLast && options.stdinTag !== null) {
    fail('Options -x and -X are mutually exclusive.')
  }
}

function setUri(options: ClientOptions, value: string): void {
  const uri = parseUri(value)
  if (typeof uri === 'string') throw new CommandLineError(uri)
  if (uri.host !== null) options.host = uri.host
  if (uri.port !== null) options.port = portOf(uri.port)
  if (uri.user !== null) options.user = uri.user
  if (uri.password !== null) options.password = uri.password
  if (uri.database !== null) options.database = uri.database
  if (uri.isTls) options.tls.enabled = true
}

function portOf(port: number): number {
  if (port < 0 || port > 65535) throw new CommandLineError('Invalid server port.')
  return port
}

function real(text: string): number {
  const value = Number.parseFloat(text)
  return Number.isFinite(value) ? value : 0
}
