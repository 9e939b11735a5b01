/**
 * Reading configuration: redis.conf and what it includes, standard input, and the options of the
 * command line, which are read as if they stood at the end of the file.
 *
 * A line is a directive and its arguments, split by Redis's quoting rules; `#` begins a comment.
 * A later line overrides an earlier one, except that `save` lines add up and that rename-command,
 * user, loadmodule and the settings of modules are kept for the server. The first error ends the
 * reading, with the text that Redis 7.2 prints.
 */
import nodePath from 'node:path'
import { splitArguments } from '../bytes/quote.ts'
import { fromLatin1, latin1 } from '../bytes/text.ts'
import { decoded } from './byte-string.ts'
import type { CommandLine } from './command-line.ts'
import type { Config, FileLine } from './config.ts'
import type { Refused } from './directive.ts'
import { expandPattern, hasWildcard, type ListDirectory, listSystemDirectory } from './include.ts'
import { errorCode, errorMessage } from './system-error.ts'

/** Configuration that the server cannot start with. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError'
  /** Exactly what is to be shown; with its own line ends when it is for standard error. */
  readonly text: string
  /** Whether the text is for standard error, or one line of the log at the level of warnings. */
  readonly channel: 'stderr' | 'log'

  constructor(text: string, channel: 'stderr' | 'log') {
    super(text.trim())
    this.text = text
    this.channel = channel
  }
}

/** The fatal error of a line, or of the whole configuration without one. */
export function fatalConfigError(
  version: string,
  reason: string,
  at: Pick<FileLine, 'lineNumber' | 'line'> | null,
): ConfigFileError {
  const place =
    at === null
      ? ''
      : `Reading the configuration file, at line ${at.lineNumber}\n>>> '${at.line}'\n`
  const head = `\n*** FATAL CONFIG FILE ERROR (Redis ${version}) ***\n`
  return new ConfigFileError(`${head}${place}${reason}\n`, 'stderr')
}

/** What reading wants to see in the log, in order. */
export interface Notice {
  readonly level: 'notice' | 'warning'
  readonly text: string
}

export interface LoadOptions {
  /** Reads all of standard input, when `-` asks for it. */
  readonly readStandardInput?: () => Uint8Array
  readonly listDirectory?: ListDirectory
}

const INCLUDE_DEPTH_MAX = 64

/** Directives of older versions that are taken with one value and ignored. */
const FORGOTTEN = new Set([
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
])

/**
 * Loads everything that a command line names into the configuration, and returns what is to be
 * logged. Throws a ConfigFileError at the first line that cannot be taken.
 */
export function loadConfig(
  config: Config,
  commandLine: CommandLine,
  options: LoadOptions = {},
): Notice[] {
  const loader = new Loader(config, options)
  const { file, standardInput, options: appended } = commandLine
  let text = ''
  if (file !== null) {
    config.file = nodePath.resolve(config.get('dir'), file)
    text += loader.read(config.file)
  }
  if (standardInput) {
    text = endedLine(text)
    loader.notices.push({ level: 'notice', text: 'Reading config from stdin' })
    text += latin1(options.readStandardInput?.() ?? new Uint8Array(0))
  }
  loader.load(`${text}\n${appended}`)
  return loader.notices
}

class Loader {
  readonly notices: Notice[] = []
  readonly #config: Config
  readonly #list: ListDirectory
  #depth = 0
  /** False again once an included file ends: from there on `save` lines replace one another. */
  #isReading = false
  #saveSeen = false

  constructor(config: Config, options: LoadOptions) {
    this.#config = config
    this.#list = options.listDirectory ?? listSystemDirectory
  }

  /** The content of the files that a path means, one after the other. */
  read(path: string): string {
    const absolute = nodePath.resolve(this.#config.get('dir'), path)
    if (!hasWildcard(path)) return this.#readFile(absolute, path)
    return expandPattern(absolute, this.#list)
      .map((match) => endedLine(this.#readFile(match, match)))
      .join('')
  }

  #readFile(path: string, shownPath: string): string {
    try {
      return latin1(this.#config.files.readFile(path))
    } catch (error) {
      if (errorCode(error) === 'EISDIR') return ''
      const reason = errorMessage(error)
      throw new ConfigFileError(
        `Fatal error, can't open config file '${shownPath}': ${reason}`,
        'log',
      )
    }
  }

  load(text: string): void {
    this.#isReading = true
    const lines = text.split('\n')
    for (let i = 0; i < lines.length; i++) {
      const line = trimLine(lines[i])
      if (line === '' || line[0] === '#') continue
      const reason = this.#readLine(line, i + 1)
      if (reason === null) continue
      throw fatalConfigError(this.#config.version, reason, { lineNumber: i + 1, line })
    }
    this.#checkWhole()
    this.#isReading = false
  }

  /** Reads one line; gives the reason why it cannot be taken, or null. */
  #readLine(line: string, lineNumber: number): string | null {
    const split = splitArguments(fromLatin1(line))
    if (split === null) return 'Unbalanced quotes in configuration line'
    if (split.length === 0) return null
    const [first, ...values] = split.map((bytes) => latin1(bytes))
    const name = first.toLowerCase()
    const found = this.#config.find(name)
    if (found !== null) {
      return this.#assign(name, values, found.directive.options.multiple ?? false)
    }
    return this.#readFileOnly({ lineNumber, line, args: [name, ...values] })
  }

  #assign(name: string, values: readonly string[], multiple: boolean): string | null {
    if (!multiple && values.length !== 1) return 'wrong number of arguments'
    const args = multiple && values.length === 1 ? splitSingle(values[0]) : values
    const accumulate = this.#isReading && this.#saveSeen
    const refused: Refused | null = this.#config.assign(name, args, accumulate)
    if (name === 'save' && this.#isReading) this.#saveSeen = true
    return refused === null ? null : refused.reason
  }

  #readFileOnly(line: FileLine): string | null {
    const [name, ...values] = line.args
    const { renamedCommands, users, modules, moduleSettings } = this.#config.fileOnly
    if (FORGOTTEN.has(name) && values.length === 1) return null
    if (name === 'include' && values.length === 1) return this.#include(values[0])
    if (name === 'rename-command' && values.length === 2) renamedCommands.push(line)
    else if (name === 'user' && values.length >= 1) users.push(line)
    else if (name === 'loadmodule' && values.length >= 1) modules.push(line)
    else if (name.includes('.')) {
      if (values.length === 0) return 'Module config specified without value'
      moduleSettings.push(line)
    } else if (name === 'sentinel') {
      return values.length === 0 ? null : 'sentinel directive while not in sentinel mode'
    } else return 'Bad directive or wrong number of arguments'
    return null
  }

  #include(value: string): string | null {
    if (this.#depth === INCLUDE_DEPTH_MAX) return 'Files include one another too deeply'
    this.#depth++
    this.load(this.read(decoded(value)))
    this.#depth--
    return null
  }

  /** What only the whole configuration shows. */
  #checkWhole(): void {
    const config = this.#config
    const logFile = config.get('logfile')
    if (logFile !== '') this.#probeLogFile(nodePath.resolve(config.get('dir'), logFile))
    if (!config.get('cluster-enabled')) return
    if (config.get('replicaof') !== null) {
      const reason = 'replicaof directive not allowed in cluster mode'
      throw fatalConfigError(config.version, reason, null)
    }
    const databases = config.get('databases')
    if (databases === 1) return
    const change = `Changing databases number from ${databases} to 1 since we are in cluster mode`
    this.notices.push({ level: 'warning', text: `WARNING: ${change}` })
    config.assign('databases', ['1'])
  }

  /** Opening the log must not fail later, when there is nowhere left to say so. */
  #probeLogFile(path: string): void {
    try {
      this.#config.files.appendFile(path, new Uint8Array(0))
    } catch (error) {
      const reason = `Can't open the log file: ${errorMessage(error)}`
      throw fatalConfigError(this.#config.version, reason, null)
    }
  }
}

/** A content that another one may follow: a last line without an end gets one. */
function endedLine(content: string): string {
  return content === '' || content.endsWith('\n') ? content : `${content}\n`
}

/** The single argument of a list may hold the whole list, as in `--save "60 1000"`. */
function splitSingle(value: string): string[] {
  if (value === '') return ['']
  return (splitArguments(fromLatin1(value)) ?? []).map((bytes) => latin1(bytes))
}

/** Removes what surrounds a line: blanks, tabs and returns. */
export function trimLine(line: string): string {
  let start = 0
  let end = line.length
  while (start < end && BLANKS.includes(line[start])) start++
  while (end > start && BLANKS.includes(line[end - 1])) end--
  return line.slice(start, end)
}

const BLANKS = ' \t\r\n'
