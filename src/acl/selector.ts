/**
 * A selector: which commands, keys and channels a set of rules allows. A user has one of its own,
 * and may have more; a request has to be allowed by a single one of them as a whole.
 *
 * Commands are bytes by the command's number (`Command.id`), 1 for an allowed one, so that a check
 * is one read. Beside them the rules are kept in the order in which they came, since that is what
 * ACL LIST shows and what makes the same selector again. The behaviour is that of Redis 7.2.6.
 *
 * Invariants: `allKeys` and `allChannels` go with empty lists of patterns; `allCommands` means that
 * every byte is 1, and no rule has taken anything away since `+@all`.
 */
import { globMatchRange } from '../bytes/glob.ts'
import { fromLatin1 } from '../bytes/text.ts'
import type { Command } from '../commands/command-table.ts'
import type { Args } from '../resp/args.ts'

export const READ = 1
export const WRITE = 2

export interface ChannelPattern {
  readonly text: string
  readonly bytes: Uint8Array
}

export interface KeyPattern extends ChannelPattern {
  /** READ, WRITE or both. */
  permissions: number
  /** Bytes that a text has to begin with, where nothing but a star comes behind; else -1. */
  readonly prefixBytes: number
}

export class Selector {
  allKeys = false
  allChannels: boolean
  allCommands = false
  /** Its rules begin with `+@all`: commands that come later are allowed. */
  beginsWithAll = false
  keyPatterns: KeyPattern[] = []
  channels: ChannelPattern[] = []
  /** The rules about commands and categories behind `+@all` or `-@all`, such as `-@write`. */
  commandRules: string[] = []
  /** Deprecated `+select|0`: by number of the command the first arguments that are allowed. */
  firstArguments = new Map<number, string[]>()
  private readonly commands: Uint8Array

  /** @param commandCount how many numbers of commands there are */
  constructor(commandCount: number, allChannels: boolean) {
    this.commands = new Uint8Array(commandCount)
    this.allChannels = allChannels
  }

  copy(): Selector {
    const copy = new Selector(this.commands.length, this.allChannels)
    copy.allKeys = this.allKeys
    copy.allCommands = this.allCommands
    copy.beginsWithAll = this.beginsWithAll
    copy.keyPatterns = this.keyPatterns.map((pattern) => ({ ...pattern }))
    copy.channels = [...this.channels]
    copy.commandRules = [...this.commandRules]
    for (const [id, list] of this.firstArguments) copy.firstArguments.set(id, [...list])
    copy.commands.set(this.commands)
    return copy
  }

  /** Whether it allows everything. */
  get allowsAll(): boolean {
    return this.allCommands && this.allKeys && this.allChannels
  }

  // Changing it

  /** `+@all` and `-@all`: forgets all other rules about commands. */
  setAllCommands(isAllowed: boolean): void {
    this.commands.fill(isAllowed ? 1 : 0)
    this.allCommands = isAllowed
    this.beginsWithAll = isAllowed
    this.commandRules = []
    this.firstArguments.clear()
  }

  /** Allows a command with its subcommands, or does not. */
  setCommand(command: Command, isAllowed: boolean): void {
    this.setBit(command, isAllowed)
    this.firstArguments.delete(command.id)
    for (const sub of command.subcommands?.values() ?? []) this.setBit(sub, isAllowed)
  }

  private setBit({ id }: Command, isAllowed: boolean): void {
    this.commands[id] = isAllowed ? 1 : 0
    if (!isAllowed) this.allCommands = false
  }

  /** Notes a rule, in place of earlier ones about the same or about a part of it. */
  addCommandRule(sign: '+' | '-', name: string): void {
    const isOther = (rule: string) => rule.slice(1) !== name && !rule.startsWith(`${name}|`, 1)
    this.commandRules = this.commandRules.filter(isOther)
    this.commandRules.push(sign + name)
  }

  addFirstArgument({ id }: Command, word: string): void {
    const list = this.firstArguments.get(id)
    if (list === undefined) this.firstArguments.set(id, [word])
    else if (!list.includes(word)) list.push(word)
  }

  addKeyPattern(text: string, permissions: number): void {
    const known = this.keyPatterns.find((pattern) => pattern.text === text)
    if (known !== undefined) known.permissions |= permissions
    else this.keyPatterns.push(keyPattern(text, permissions))
  }

  setAllKeys(isAllowed: boolean): void {
    this.allKeys = isAllowed
    this.keyPatterns = []
  }

  addChannel(text: string): void {
    if (this.channels.some((pattern) => pattern.text === text)) return
    this.channels.push({ text, bytes: fromLatin1(text) })
  }

  setAllChannels(isAllowed: boolean): void {
    this.allChannels = isAllowed
    this.channels = []
  }

  // Asking it

  /** Whether a command may be called, perhaps with this first argument only. */
  allowsCommand(command: Command, args: Args): boolean {
    if (this.allCommands || this.commands[command.id] === 1 || command.needsNoAuth) return true
    if (this.firstArguments.size === 0 || args.count < 2) return false
    const words = this.firstArguments.get(command.id)
    return words?.some((word) => args.is(1, word)) ?? false
  }

  /** Whether argument `index` may be a key that is read, written or both (or only named, for 0). */
  allowsKey(args: Args, index: number, needed: number): boolean {
    if (this.allKeys) return true
    const { bytes } = args
    const start = args.starts[index]!
    const end = args.ends[index]!
    const { keyPatterns } = this
    for (let i = 0; i < keyPatterns.length; i++) {
      const pattern = keyPatterns[i]!
      if ((pattern.permissions & needed) !== needed) continue
      const glob = pattern.bytes
      const { prefixBytes } = pattern
      if (prefixBytes < 0 || prefixBytes >= end - start) {
        if (globMatchRange(glob, 0, glob.length, bytes, start, end, false)) return true
      } else if (startsWith(bytes, start, glob, prefixBytes)) return true
    }
    return false
  }

  /** Whether every key there may ever be may be used so. */
  allowsAllKeys(needed: number): boolean {
    if (this.allKeys) return true
    return this.keyPatterns.some(
      ({ text, permissions }) => text === '*' && (permissions & needed) === needed,
    )
  }

  /** Whether a channel may be used; a pattern of channels only if it is allowed to the letter. */
  allowsChannel(bytes: Uint8Array, start: number, end: number, isPattern: boolean): boolean {
    if (this.allChannels) return true
    for (const { bytes: glob } of this.channels) {
      const isAllowed = isPattern
        ? equalBytes(glob, bytes, start, end)
        : globMatchRange(glob, 0, glob.length, bytes, start, end, false)
      if (isAllowed) return true
    }
    return false
  }
}

/** Nearly all patterns are a text and a star, which is compared without the work of a glob. */
function keyPattern(text: string, permissions: number): KeyPattern {
  const prefixBytes = /^[^*?[\\]*\*$/.test(text) ? text.length - 1 : -1
  return { text, bytes: fromLatin1(text), permissions, prefixBytes }
}

function startsWith(bytes: Uint8Array, start: number, prefix: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (bytes[start + i] !== prefix[i]) return false
  return true
}

function equalBytes(one: Uint8Array, other: Uint8Array, start: number, end: number): boolean {
  if (one.length !== end - start) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[start + i]) return false
  return true
}
