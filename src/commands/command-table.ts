/**
 * The commands of a server by name: looked up from the bytes of a request, without making a string
 * of them, and from text. A command's own counts are kept with it.
 */
import type { Args } from '../resp/args.ts'
import { COMMAND_FLAGS, type CommandFlag, type CommandSpec } from './command.ts'
import type { Context } from './context.ts'
import { hasKeys } from './key-specs.ts'
import { LatencyHistogram } from './latency-histogram.ts'

/** What a session may do in a transaction besides queueing, by full names. */
const NOT_QUEUED = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset'])

/** A declared command as one server runs it. */
export class Command {
  readonly spec: CommandSpec
  /** In small letters; a subcommand's with its container's: `config|get`. */
  readonly fullName: string
  readonly run: (context: Context) => void
  readonly subcommands: Map<string, Command> | null
  readonly arity: number
  // Flags that are asked for at every call.
  readonly isWrite: boolean
  /** Whether what it changes is passed on: a write, or one that is something like it at times. */
  readonly mayChange: boolean
  /** Whether it only reads data. */
  readonly reads: boolean
  readonly deniesOutOfMemory: boolean
  readonly needsNoAuth: boolean
  /** Whether the configuration says who may call it: `enable-debug-command` and its like. */
  readonly isProtected: boolean
  /** Its calls need not be timed one by one: with few arguments, none takes long or waits. */
  readonly isQuick: boolean
  /** Whether it is refused in a transaction. */
  readonly isKeptFromMulti: boolean
  readonly runsWhileLoading: boolean
  /** Whether it waits for EXEC when it comes in a transaction. */
  readonly isQueued: boolean

  /** Whether what it reads is remembered for clients that track. */
  readonly isTracked: boolean

  /** The argument that is its only key, if it always has just that one; else 0. */
  readonly onlyKey: number

  /** Its number among all commands and subcommands of the table: what access rights go by. */
  id = 0

  /** The name that it is called by: its own, unless `rename-command` gave another. */
  calledName: string

  calls = 0
  microseconds = 0
  rejectedCalls = 0
  failedCalls = 0
  /** Null before the first call that was counted in it. */
  latencies: LatencyHistogram | null = null

  constructor(spec: CommandSpec, container: string | null) {
    this.spec = spec
    const name = spec.name.toLowerCase()
    this.fullName = container === null ? name : `${container}|${name}`
    this.calledName = name
    this.run = spec.run ?? missingSubcommand
    this.subcommands = spec.subcommands
      ? new Map(spec.subcommands.map((sub) => [sub.name.toLowerCase(), new Command(sub, name)]))
      : null
    this.arity = spec.arity
    this.onlyKey = onlyKeyOf(spec)
    this.isWrite = spec.flags.includes('write')
    this.mayChange = this.isWrite || spec.flags.includes('may_replicate')
    this.reads = spec.flags.includes('readonly')
    this.deniesOutOfMemory = spec.flags.includes('denyoom')
    this.isTracked = this.reads && !spec.flags.includes('pubsub') && hasKeys(spec)
    this.needsNoAuth = spec.flags.includes('no_auth')
    this.isProtected = spec.flags.includes('protected')
    this.isKeptFromMulti = spec.flags.includes('no_multi') || spec.isKeptFromMulti === true
    this.runsWhileLoading = spec.flags.includes('loading')
    this.isQueued = !NOT_QUEUED.has(this.fullName)
    const isFast = spec.complexity === 'O(1)' || spec.flags.includes('fast')
    this.isQuick = isFast && !spec.flags.includes('blocking')
  }

  has(flag: CommandFlag): boolean {
    return this.spec.flags.includes(flag)
  }

  /** The flags that COMMAND shows, in its order. */
  get shownFlags(): CommandFlag[] {
    return COMMAND_FLAGS.filter((flag) => this.spec.flags.includes(flag))
  }

  /** Whether `count` arguments, the name among them, are what the command takes. */
  takes(count: number): boolean {
    return this.arity >= 0 ? count === this.arity : count >= -this.arity
  }

  /** Puts a time to the command's account: that of so many calls, one behind the other. */
  account(microseconds: number, calls: number, tracksLatency: boolean): void {
    this.microseconds += microseconds
    if (!tracksLatency) return
    this.latencies ??= new LatencyHistogram()
    this.latencies.record(microseconds / calls, calls)
  }

  resetStats(): void {
    this.calls = 0
    this.microseconds = 0
    this.rejectedCalls = 0
    this.failedCalls = 0
    this.latencies = null
    if (this.subcommands) for (const sub of this.subcommands.values()) sub.resetStats()
  }
}

function missingSubcommand(): void {
  throw new Error('a command that has only subcommands was run itself')
}

/** Buckets of the table of names: many more than there are commands, so that few share one. */
const BUCKETS = 2048

export class CommandTable {
  /** How many numbers (`Command.id`) there are. */
  readonly idCount: number
  private readonly byName = new Map<string, Command>()
  /** By the names that they are declared with, whatever they have been renamed to. */
  private readonly byDeclaredName: ReadonlyMap<string, Command>
  private readonly buckets: (Command[] | undefined)[] = new Array(BUCKETS)
  // What `find` found last, by its name as it was written: a pipeline often repeats one command.
  private last: Command | null = null
  private lastBytes = 0
  private lastBegin = 0
  private lastEnd = 0

  constructor(specs: readonly CommandSpec[]) {
    for (const spec of specs) this.add(spec.name.toLowerCase(), new Command(spec, null))
    this.byDeclaredName = new Map(this.byName)
    let id = 0
    for (const command of this.all()) {
      command.id = id++
      for (const sub of command.subcommands?.values() ?? []) sub.id = id++
    }
    this.idCount = id
  }

  private add(name: string, command: Command): void {
    if (this.byName.has(name)) throw new Error(`the command ${name} is declared twice`)
    this.byName.set(name, command)
    command.calledName = name
    const bytes = Buffer.from(name, 'latin1')
    const bucket = hashName(bytes, 0, bytes.length)
    const others = this.buckets[bucket]
    if (others) others.push(command)
    else this.buckets[bucket] = [command]
  }

  /** The commands, subcommands not among them. */
  all(): IterableIterator<Command> {
    return this.byName.values()
  }

  get size(): number {
    return this.byName.size
  }

  /** All commands, those that `rename-command` has taken away among them; no subcommands. */
  allDeclared(): IterableIterator<Command> {
    return this.byDeclaredName.values()
  }

  /** By the name that it is declared with, in any case; `container|sub` for a subcommand. */
  declared(name: string): Command | null {
    const [first, sub, more] = name.toLowerCase().split('|')
    const command = this.byDeclaredName.get(first!) ?? null
    if (sub === undefined || command === null) return command
    return more === undefined ? (command.subcommands?.get(sub) ?? null) : null
  }

  /** Makes a command known by another name only; an empty one takes it away (`rename-command`). */
  rename(from: string, to: string): 'no such command' | 'name taken' | null {
    const command = this.byName.get(from.toLowerCase())
    if (!command) return 'no such command'
    if (to !== '' && this.byName.has(to.toLowerCase())) return 'name taken'
    this.byName.delete(from.toLowerCase())
    const entries = [...this.byName]
    if (to !== '') entries.push([to.toLowerCase(), command])
    this.byName.clear()
    this.buckets.fill(undefined)
    this.last = null
    for (const [name, each] of entries) this.add(name, each)
    return null
  }

  /** The command that argument 0 names, its subcommands not looked at. */
  find(args: Args): Command | null {
    const start = args.starts[0]!
    const length = args.ends[0]! - start
    // The first four and the last four bytes are all of such a name; of three bytes, two and one.
    if (length < 3 || length > 8) return this.search(args)
    const isThree = length === 3
    const begin = isThree ? args.view.getInt16(start, true) : args.view.getInt32(start, true)
    const end = isThree ? args.bytes[start + 2]! : args.view.getInt32(start + length - 4, true)
    if (
      begin === this.lastBegin &&
      end === this.lastEnd &&
      length === this.lastBytes &&
      this.last !== null
    ) {
      return this.last
    }
    const found = this.search(args)
    this.last = found
    this.lastBytes = length
    this.lastBegin = begin
    this.lastEnd = end
    return found
  }

  private search(args: Args): Command | null {
    const { bytes } = args
    const start = args.starts[0]!
    const end = args.ends[0]!
    const bucket = this.buckets[hashName(bytes, start, end)]
    if (bucket === undefined) return null
    for (let i = 0; i < bucket.length; i++) {
      if (args.is(0, bucket[i]!.calledName)) return bucket[i]!
    }
    return null
  }

  /** By name in any case; `container|sub` or with both words names a subcommand. */
  get(name: string, sub?: string): Command | null {
    const parts = sub === undefined ? name.split('|') : [name, sub]
    const command = this.byName.get(parts[0]!.toLowerCase()) ?? null
    if (parts.length === 1 || command === null) return command
    if (parts.length > 2) return null
    return command.subcommands?.get(parts[1]!.toLowerCase()) ?? null
  }

  resetStats(): void {
    for (const command of this.all()) command.resetStats()
  }
}

/** Bucket of a name in any case. */
function hashName(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i]! | 0x20)) | 0
  return (hash ^ (hash >>> 11)) & (BUCKETS - 1)
}

function onlyKeyOf({ findKeys, keys }: CommandSpec): number {
  if (findKeys !== undefined || keys?.length !== 1) return 0
  const { begin, flags, keyNumber, last, unknown } = keys[0]!
  if (flags?.includes('not_key')) return 0
  const isOne = (last ?? 0) === 0 && keyNumber === undefined && unknown !== true
  return isOne && typeof begin === 'number' ? begin : 0
}
