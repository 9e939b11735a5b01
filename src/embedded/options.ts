/**
 * What a store is opened with: the directives of `redis.conf` by their names, as JavaScript values,
 * and what concerns the process alone.
 */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { Config } from '../config/config.ts'
import { Refused } from '../config/directive.ts'
import type { DirectiveName } from '../config/directives.ts'
import { SystemFiles } from '../platform/files.ts'
import type { HeldClock } from './manual-clock.ts'

/** `true` is `yes`; a list is what stands on the line of the directive, word by word. */
export type DirectiveInput = string | number | boolean | readonly (string | number)[]

export type Directives = { readonly [Name in DirectiveName]?: DirectiveInput }

export interface OpenOptions extends Omit<Directives, 'dir'> {
  /**
   * Where the data is kept; it is made if it is not there. The data is logged there
   * (`appendonly yes`, `appendfsync everysec`) unless the directives say otherwise. Without a
   * directory the data is in memory only, and no file is touched.
   */
  readonly dir?: string
  /** Holds the time: see `manualClock`. */
  readonly clock?: HeldClock
  /** Gets each line of the log, which is dropped otherwise. */
  readonly log?: (line: string) => void
}

/** No store that is embedded saves dumps unless it is told when. */
const DEFAULTS: Directives = { save: '', port: 0 }
const DURABLE: Directives = { appendonly: true, appendfsync: 'everysec' }

/**
 * The configuration of a store, whose directory is made.
 *
 * @throws TypeError for a directive that does not exist or a value that does not fit
 */
export function configOf(options: OpenOptions): Config {
  const { clock: _clock, dir, log: _log, ...directives } = options
  const config = new Config(new SystemFiles())
  assign(config, DEFAULTS)
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true })
    assign(config, { ...DURABLE, dir: resolve(dir) })
  }
  assign(config, directives)
  if (dir === undefined && config.get('appendonly')) {
    throw new TypeError('appendonly: a log needs a directory, dir')
  }
  return config
}

function assign(config: Config, directives: Directives): void {
  for (const [name, input] of Object.entries(directives)) {
    const refused = config.assign(name, wordsOf(input))
    if (refused instanceof Refused) throw new TypeError(`${name}: ${refused.reason}`)
  }
}

function wordsOf(input: DirectiveInput): string[] {
  if (typeof input === 'object') return input.map(String)
  if (typeof input === 'boolean') return [input ? 'yes' : 'no']
  return [String(input)]
}
