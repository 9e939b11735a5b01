/**
 * What a store is opened with: the directives of `redis.conf` by their names, as JavaScript values,
 * and what concerns the process alone.
 */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { encoded } from '../config/byte-string.ts'
import { Config } from '../config/config.ts'
import { Refused } from '../config/directive.ts'
import type { DirectiveName } from '../config/directives.ts'
import { SystemFiles } from '../platform/files.ts'
import { HeldClock } from './manual-clock.ts'

/**
 * `true` is `yes`; a list is what stands on the line of the directive, word by word, and a string
 * may be all of that line: `save: '3600 1'`. `undefined` is as if it were not there.
 */
export type DirectiveInput = string | number | boolean | readonly (string | number)[]

export type Directives = { readonly [Name in DirectiveName]?: DirectiveInput | undefined }

export interface OpenOptions extends Omit<Directives, 'dir' | keyof typeof INSTEAD> {
  /**
   * Where the data is kept; it is made if it is not there. The data is logged there
   * (`appendonly yes`, `appendfsync everysec`) unless the directives say otherwise. Without a
   * directory the data is in memory only, and no file is touched.
   */
  readonly dir?: string | undefined
  /** Holds the time: see `manualClock`. */
  readonly clock?: HeldClock | undefined
  /** Gets each line of the log, which is dropped otherwise. */
  readonly log?: ((line: string) => void) | undefined
}

/** No store that is embedded saves dumps unless it is told when. */
const DEFAULTS: Directives = { save: '', port: 0 }
const DURABLE: Directives = { appendonly: true, appendfsync: 'everysec' }
/** Directives about a process of its own, which a store has not, and what there is instead. */
const INSTEAD = {
  port: 'use listen()',
  'tls-port': 'a store has no TLS',
  unixsocket: 'use listen()',
  bind: 'use listen()',
  daemonize: 'a store runs in this process',
  pidfile: 'a store runs in this process',
  logfile: 'use the option log',
}
/** Why a store in memory has no log. */
export const NO_DIRECTORY = 'a log needs a directory, dir'

/**
 * The configuration of a store, whose directory is made.
 *
 * @throws TypeError for a directive that does not exist or a value that does not fit
 */
export function configOf(options: OpenOptions): Config {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('the options of a store are an object')
  }
  const { clock, dir, log, ...directives } = options
  if (dir !== undefined && (typeof dir !== 'string' || dir === '')) {
    throw new TypeError('dir: a path is wanted')
  }
  if (clock !== undefined && !(clock instanceof HeldClock)) {
    throw new TypeError('clock: one of manualClock() is wanted')
  }
  if (log !== undefined && typeof log !== 'function') throw new TypeError('log: not a function')
  for (const name of Object.keys(directives)) {
    const instead = INSTEAD[name.toLowerCase() as keyof typeof INSTEAD]
    if (instead !== undefined) throw new TypeError(`${name}: ${instead}`)
  }
  const config = new Config(new SystemFiles())
  assign(config, DEFAULTS)
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true })
    assign(config, { ...DURABLE, dir: resolve(dir) })
  }
  assign(config, directives)
  if (dir === undefined && config.get('appendonly')) {
    throw new TypeError(`appendonly: ${NO_DIRECTORY}`)
  }
  return config
}

function assign(config: Config, directives: Directives): void {
  for (const [name, input] of Object.entries(directives)) {
    if (input === undefined) continue
    const isList = config.find(name)?.directive.options.multiple === true
    const refused = config.assign(name, wordsOf(input, isList).map(encoded))
    if (refused instanceof Refused) throw new TypeError(`${name}: ${refused.reason}`)
  }
}

function wordsOf(input: DirectiveInput, isList: boolean): string[] {
  if (Array.isArray(input)) return input.map(String)
  if (typeof input === 'boolean') return [input ? 'yes' : 'no']
  if (isList && input !== '') return String(input).trim().split(/\s+/)
  return [String(input)]
}
