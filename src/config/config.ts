/**
 * The values of all directives while the server runs, and CONFIG GET and SET over them.
 *
 * A change is all or nothing: every value is parsed and put in place, listeners hear of it, then
 * the hooks that make it real run in order; when a value or a hook refuses, the old values return
 * and the hooks run again. Texts are byte strings (src/config/byte-string.ts), errors are whole
 * replies as Redis 7.2 words them, without the leading `-`.
 *
 * Invariant: a directive's exposed value is what its `expose` gives for the stored one.
 */
import { globMatch } from '../bytes/glob.ts'
import { fromLatin1 } from '../bytes/text.ts'
import type { Files } from '../platform/files.ts'
import { encoded } from './byte-string.ts'
import { type ParseContext, Refused } from './directive.ts'
import {
  type AnyDirective,
  allDirectives,
  type DirectiveName,
  type DirectiveValue,
} from './directives.ts'

/** A line of a configuration file that the server reads itself, such as `user` ones. */
export interface FileLine {
  /** Counted from 1 within its own file. */
  readonly lineNumber: number
  readonly line: string
  /** The split line; the first one is the directive's name in lower case. */
  readonly args: readonly string[]
}

/** What a file says that is not the value of a directive, in the order of the lines. */
export interface FileOnly {
  readonly renamedCommands: FileLine[]
  readonly users: FileLine[]
  readonly modules: FileLine[]
  readonly moduleSettings: FileLine[]
}

/** Makes a change real, or says why it cannot be: '' refuses without a reason. */
export type Apply = () => string | null | Promise<string | null>

export interface SetOptions {
  /** The connection comes from this machine, which `enable-protected-configs local` asks for. */
  readonly local?: boolean
  /** A data set is being loaded. */
  readonly loading?: boolean
}

export interface ConfigOptions {
  /** Where relative paths start; the process's directory unless given. */
  readonly directory?: string
  /** The Redis version that error texts name. */
  readonly version?: string
}

/** The version of Redis whose configuration this is. */
export const REDIS_VERSION = '7.2.6'

const LOADING_ERROR = 'LOADING Redis is loading the dataset in memory'

interface Entry {
  readonly name: DirectiveName
  readonly directive: AnyDirective
  stored: unknown
  value: unknown
  readonly listeners: ((value: unknown) => void)[]
  apply: Apply | null
}

/** A directive under one of its names: an alias counts as a parameter of its own. */
interface Parameter {
  readonly name: string
  readonly entry: Entry
}

interface Change {
  readonly parameter: Parameter
  readonly text: string
}

/** A staged change: what to go back to, and the hooks with the parameter that each is due to. */
interface Staged {
  readonly before: readonly (readonly [entry: Entry, stored: unknown])[]
  readonly hooks: readonly (readonly [apply: Apply, name: string])[]
}

export class Config {
  readonly files: Files
  readonly version: string
  readonly fileOnly: FileOnly = {
    renamedCommands: [],
    users: [],
    modules: [],
    moduleSettings: [],
  }
  /** The absolute path of the configuration file, null without one. */
  file: string | null = null
  readonly #entries = new Map<string, Entry>()
  readonly #parameters = new Map<string, Parameter>()

  constructor(files: Files, options: ConfigOptions = {}) {
    this.files = files
    this.version = options.version ?? REDIS_VERSION
    for (const [name, directive] of allDirectives()) this.#add(name, directive)
    this.#store(this.#entry('dir'), encoded(options.directory ?? process.cwd()))
  }

  #add(name: DirectiveName, directive: AnyDirective): void {
    const stored = directive.initial
    const value = directive.expose(stored)
    const entry: Entry = { name, directive, stored, value, listeners: [], apply: null }
    this.#entries.set(name, entry)
    this.#parameters.set(name, { name, entry })
    const alias = directive.options.alias
    if (alias !== undefined) this.#parameters.set(alias, { name: alias, entry })
  }

  #entry(name: DirectiveName): Entry {
    return this.#entries.get(name) as Entry
  }

  /** The value of a directive, typed by the table: numbers, booleans, words, lists. */
  get<Name extends DirectiveName>(name: Name): DirectiveValue<Name> {
    return this.#entry(name).value as DirectiveValue<Name>
  }

  /** The value of a directive or alias as CONFIG GET prints it; null when there is none. */
  print(name: string): string | null {
    const parameter = this.#parameters.get(name.toLowerCase())
    if (parameter === undefined) return null
    return parameter.entry.directive.print(parameter.entry.stored)
  }

  /** Calls the listener after each change of the value, before the change is applied. */
  onChange<Name extends DirectiveName>(
    name: Name,
    listener: (value: DirectiveValue<Name>) => void,
  ): void {
    this.#entry(name).listeners.push(listener as (value: unknown) => void)
  }

  /**
   * Sets the hook that makes a CONFIG SET of these directives real. It reads the new values, and
   * refuses with the reason that the error shall give. It runs once a CONFIG SET, however many of
   * the directives change; not at start; and again with the old values when the change fails.
   */
  onApply(names: readonly DirectiveName[], apply: Apply): void {
    for (const name of names) this.#entry(name).apply = apply
  }

  /** Whether CONFIG SET of this parameter must be kept out of logs. */
  isSensitive(name: string): boolean {
    const parameter = this.#parameters.get(name.toLowerCase())
    return parameter?.entry.directive.options.sensitive ?? false
  }

  /** The directive that a name or alias means, in any case; null when there is none. */
  find(name: string): { name: DirectiveName; directive: AnyDirective } | null {
    const entry = this.#parameters.get(name.toLowerCase())?.entry
    return entry === undefined ? null : { name: entry.name, directive: entry.directive }
  }

  /**
   * Sets a value without asking for rights and without applying it, as a configuration file and
   * the server itself (REPLICAOF) do. The arguments are those of a line of the file.
   */
  assign(name: string, args: readonly string[], accumulate = false): Refused | null {
    const entry = this.#parameters.get(name.toLowerCase())?.entry
    if (entry === undefined) return new Refused('Bad directive or wrong number of arguments')
    const stored = this.#parse(entry, args, { fromFile: true, accumulate })
    if (stored instanceof Refused) return stored
    this.#store(entry, stored)
    return null
  }

  #parse(
    { directive, stored }: Entry,
    args: readonly string[],
    origin: Pick<ParseContext, 'fromFile' | 'accumulate'>,
  ): unknown {
    const print = (name: string) => this.print(name) ?? ''
    return directive.parse(args, stored, { ...origin, files: this.files, print })
  }

  #store(entry: Entry, stored: unknown): void {
    entry.stored = stored
    entry.value = entry.directive.expose(stored)
    for (const listener of entry.listeners) listener(entry.value)
  }

  /**
   * CONFIG GET: the parameters that the patterns match, each once. A name without `*`, `?` and `[`
   * is looked up, and comes back as it was written; hidden directives are found only so.
   */
  match(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, [name: string, value: string]>()
    for (const pattern of patterns) {
      if (!/[[*?]/.test(pattern)) {
        const value = this.print(pattern)
        const key = pattern.toLowerCase()
        if (value !== null && !found.has(key)) found.set(key, [pattern, value])
        continue
      }
      const bytes = fromLatin1(pattern)
      for (const { name, entry } of this.#parameters.values()) {
        if (entry.directive.options.hidden || found.has(name)) continue
        if (!globMatch(bytes, fromLatin1(name), true)) continue
        found.set(name, [name, entry.directive.print(entry.stored)])
      }
    }
    return [...found.values()]
  }

  /** CONFIG SET: null when all values are set, else the error and nothing has changed. */
  setMany(pairs: readonly [name: string, text: string][], options: SetOptions = {}): string | null {
    const staged = this.#stage(pairs, options)
    if (typeof staged === 'string') return staged
    for (const [apply, name] of staged.hooks) {
      const reason = apply()
      if (reason === null) continue
      if (reason instanceof Promise) {
        this.#restore(staged.before)
        throw new TypeError(`The hook of '${name}' takes its time: use setManyAsync.`)
      }
      this.#restore(staged.before)
      for (const [undo] of staged.hooks) undo()
      return failure(name, reason)
    }
    return null
  }

  /** The same as `setMany` where a hook takes its time, as listening at a port does. */
  async setManyAsync(
    pairs: readonly [name: string, text: string][],
    options: SetOptions = {},
  ): Promise<string | null> {
    const staged = this.#stage(pairs, options)
    if (typeof staged === 'string') return staged
    for (const [apply, name] of staged.hooks) {
      const reason = await apply()
      if (reason === null) continue
      this.#restore(staged.before)
      for (const [undo] of staged.hooks) await undo()
      return failure(name, reason)
    }
    return null
  }

  /** Puts all new values in place, or none and gives the error. */
  #stage(pairs: readonly [string, string][], options: SetOptions): Staged | string {
    const changes = this.#checkRights(pairs, options)
    if (typeof changes === 'string') return changes
    const before = changes.map(({ parameter: { entry } }) => [entry, entry.stored] as const)
    const hooks: [Apply, string][] = []
    for (const { parameter, text } of changes) {
      const { name, entry } = parameter
      const args = entry.directive.options.multiple ? splitAtSpaces(text) : [text]
      const stored = this.#parse(entry, args, { fromFile: false, accumulate: false })
      if (stored instanceof Refused) {
        this.#restore(before)
        return failure(name, stored.reason)
      }
      const apply = entry.apply
      const changed = isChange(entry, stored)
      if (changed) this.#store(entry, stored)
      if (!changed || apply === null) continue
      if (!hooks.some(([known]) => known === apply)) hooks.push([apply, name])
    }
    return { before, hooks }
  }

  /** The parameters to change, or the error of the first pair that may not be changed. */
  #checkRights(pairs: readonly [string, string][], options: SetOptions): Change[] | string {
    const changes: Change[] = []
    for (const [name, text] of pairs) {
      const parameter = this.#parameters.get(name.toLowerCase())
      if (parameter === undefined) {
        return `ERR Unknown option or number of arguments for CONFIG SET - '${shown(name)}'`
      }
      const {
        immutable,
        protected: guarded,
        deniedWhileLoading,
      } = parameter.entry.directive.options
      if (immutable) return failure(name, "can't set immutable config")
      if (guarded && !this.allows('enable-protected-configs', options.local ?? false)) {
        return failure(name, "can't set protected config")
      }
      if (deniedWhileLoading && options.loading) return LOADING_ERROR
      if (changes.some((change) => change.parameter === parameter)) {
        return failure(name, 'duplicate parameter')
      }
      changes.push({ parameter, text })
    }
    return changes
  }

  /** Whether a guarded action (changing protected directives, DEBUG, MODULE) is allowed. */
  allows(
    name: 'enable-protected-configs' | 'enable-debug-command' | 'enable-module-command',
    local: boolean,
  ): boolean {
    const allowed = this.get(name)
    return allowed === 'yes' || (allowed === 'local' && local)
  }

  #restore(before: Staged['before']): void {
    for (const [entry, stored] of before) {
      if (entry.stored !== stored) this.#store(entry, stored)
    }
  }

  /** All directives with their exact values, for CONFIG REWRITE. */
  *stored(): IterableIterator<{ name: DirectiveName; directive: AnyDirective; stored: unknown }> {
    for (const { name, directive, stored } of this.#entries.values()) {
      yield { name, directive, stored }
    }
  }
}

function isChange({ directive, stored }: Entry, next: unknown): boolean {
  return directive.options.volatile === true || directive.print(stored) !== directive.print(next)
}

/** CONFIG SET gives several arguments as one text; unlike a file it knows no quotes. */
function splitAtSpaces(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}

function failure(name: string, reason: string): string {
  const what = `ERR CONFIG SET failed (possibly related to argument '${shown(name)}')`
  return reason === '' ? what : `${what} - ${reason}`
}

/** A user's text within an error: up to the first NUL and on one line, as Redis shows it. */
function shown(text: string): string {
  return text.split('\0', 1)[0].replace(/[\r\n]/g, ' ')
}
