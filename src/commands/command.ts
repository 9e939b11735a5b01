/**
 * What a command is: one declaration, from which dispatch, COMMAND and its subcommands, key
 * extraction, ACL categories, arity errors, docs/commands.md and the random tests all come.
 *
 * The order inside `run` is parse, check, change, so that an error never leaves a half-made change.
 * The vocabulary (flags, key specifications, argument types, tips) is that of Redis 7.2's COMMAND.
 */
import type { Context } from './context.ts'

export type CommandGroup =
  | 'bitmap'
  | 'cluster'
  | 'connection'
  | 'generic'
  | 'geo'
  | 'hash'
  | 'hyperloglog'
  | 'list'
  | 'pubsub'
  | 'scripting'
  | 'sentinel'
  | 'server'
  | 'set'
  | 'sorted-set'
  | 'stream'
  | 'string'
  | 'transactions'

/** In the order in which COMMAND shows them. */
export const COMMAND_FLAGS = [
  'write',
  'readonly',
  'denyoom',
  'module',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'may_replicate',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
] as const
/** `sentinel` and `protected` shape behaviour but are not shown by COMMAND. */
export type CommandFlag = (typeof COMMAND_FLAGS)[number] | 'protected' | 'touches_arbitrary_keys'

/** ACL categories that do not follow from the flags. */
export type AclCategory =
  | 'keyspace'
  | 'set'
  | 'sortedset'
  | 'list'
  | 'hash'
  | 'string'
  | 'bitmap'
  | 'hyperloglog'
  | 'geo'
  | 'stream'
  | 'connection'
  | 'transaction'
  | 'scripting'
  | 'admin'
  | 'dangerous'

/** What is done to a key: read only, read and write, overwrite, remove. */
export type KeyAccess = 'RO' | 'RW' | 'OW' | 'RM'
export type KeyIntent = 'access' | 'update' | 'insert' | 'delete'
export type KeySpecFlag = 'not_key' | 'incomplete' | 'variable_flags'

/** Where a command's keys are: Redis's key specifications. */
export interface KeySpec {
  /** The first key's index, or the keyword behind which it stands, sought from `startFrom`. */
  begin: number | { keyword: string; startFrom: number } | 'unknown'
  /**
   * The last key relative to the first (default 0: one key); negative counts from the end of the
   * arguments. `limit` as in Redis: with `last` -1, the share of the arguments left that are keys.
   */
  last?: number
  step?: number
  limit?: number
  /** Instead of `last`: the number of keys is itself an argument (relative to `begin`). */
  keyNumber?: { index: number; firstKey: number; step: number }
  /** Instead of both: they can't be told. */
  unknown?: boolean
  access: KeyAccess
  intent?: KeyIntent | readonly KeyIntent[]
  flags?: readonly KeySpecFlag[]
  notes?: string
}

export type ArgType =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block'

export interface ArgSpec {
  name: string
  type: ArgType
  /** The word that stands before the argument (or is it, for a pure token). */
  token?: string
  optional?: boolean
  multiple?: boolean
  multipleToken?: boolean
  since?: string
  deprecatedSince?: string
  summary?: string
  /** Name to show in place of `name`, where they differ. */
  display?: string
  /** Which of the command's key specifications the argument belongs to. */
  keySpec?: number
  args?: readonly ArgSpec[]
}

export interface CommandSpec {
  /** In capitals; a subcommand's own word only (`GET` of `CONFIG GET`). */
  name: string
  group: CommandGroup
  since: string
  complexity: string
  summary: string
  /** Number of arguments with the name, for a subcommand with both names; negative: at least. */
  arity: number
  flags: readonly CommandFlag[]
  categories?: readonly AclCategory[]
  keys?: readonly KeySpec[]
  args?: readonly ArgSpec[]
  tips?: readonly string[]
  history?: readonly (readonly [version: string, change: string])[]
  deprecatedSince?: string
  replacedBy?: string
  docFlags?: readonly ('deprecated' | 'syscmd')[]
  subcommands?: readonly CommandSpec[]
  /** The keys of a request, where the key specifications can't tell. */
  findKeys?: (args: KeyArguments) => readonly FoundKey[]
  /** The arguments of a request that logs and MONITOR hide, by their indexes. */
  secrets?: (args: KeyArguments, isSensitive: (directive: string) => boolean) => readonly number[]
  /** Whether it is refused in a transaction although it has not the flag that says so. */
  isKeptFromMulti?: boolean
  /** Absent only in a command that is nothing but its subcommands. */
  run?: (context: Context) => void
}

/** A key that `findKeys` has found. */
export interface FoundKey {
  /** Among the arguments. */
  readonly index: number
  /** Which of the command's key specifications says what is done to it. */
  readonly spec: number
}

/** What key extraction sees of a request: `Args` is one. */
export interface KeyArguments {
  readonly count: number
  /** An argument as text; '' for one that is longer than any word or number. */
  word(index: number): string
  /** Whether an argument is a word, which is given in small letters, in whatever case. */
  is(index: number, lowerCase: string): boolean
}

/** Declares a command. */
export function command(spec: CommandSpec): CommandSpec {
  return spec
}

// Short forms for the declaration of arguments.

type Extra = Omit<ArgSpec, 'name' | 'type'>

function argument(type: ArgType): (name: string, extra?: Extra) => ArgSpec {
  return (name, extra) => ({ name, type, ...extra })
}

/** A key; `keySpec` is 0 unless told. */
export function key(name: string, extra?: Extra): ArgSpec {
  return { name, type: 'key', keySpec: 0, ...extra }
}
export const string = argument('string')
export const integer = argument('integer')
export const double = argument('double')
export const pattern = argument('pattern')
export const unixTime = argument('unix-time')

/** A word that is either there or not. */
export function token(word: string, extra?: Extra): ArgSpec {
  return { name: word.toLowerCase(), type: 'pure-token', token: word, ...extra }
}

export function oneOf(name: string, args: readonly ArgSpec[], extra?: Extra): ArgSpec {
  return { name, type: 'oneof', args, ...extra }
}

export function block(name: string, args: readonly ArgSpec[], extra?: Extra): ArgSpec {
  return { name, type: 'block', args, ...extra }
}

/** All indexes of a request's arguments from `first` on, for `secrets`. */
export function indexesFrom(first: number, count: number): number[] {
  return Array.from({ length: Math.max(0, count - first) }, (_, i) => first + i)
}
