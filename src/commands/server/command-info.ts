/**
 * A declaration as COMMAND and COMMAND INFO answer it (ten fields a command) and as COMMAND DOCS
 * does (a map). Structure and order are those of Redis 7.2; flags, categories, tips and key
 * specifications are sets in RESP3.
 */
import type { Reply } from '../../resp/reply.ts'
import { categoriesOf } from '../acl-categories.ts'
import type { ArgSpec, CommandSpec, KeySpec } from '../command.ts'
import type { Command } from '../command-table.ts'
import { flagNames, legacyRange } from '../key-specs.ts'

/** Known to Redis, but not shown since 7.2. */
const HIDDEN_FLAGS: readonly string[] = ['may_replicate']

/** The flags that COMMAND shows of a command, with the one that follows from its keys. */
export function shownFlags(command: Command): string[] {
  const { movable } = legacyRange(command.spec)
  const flags: string[] = command.shownFlags.filter(
    (flag) => flag !== 'movablekeys' && !HIDDEN_FLAGS.includes(flag),
  )
  if (!movable && !command.has('movablekeys')) return flags
  const position = flags.indexOf('allow_busy')
  flags.splice(position < 0 ? flags.length : position, 0, 'movablekeys')
  return flags
}

export function writeInfo(reply: Reply, command: Command | null): void {
  if (command === null) return reply.nil()
  const { spec } = command
  const range = legacyRange(spec)
  reply.array(10)
  reply.bulkText(command.fullName)
  reply.integer(command.arity)
  writeWords(reply, shownFlags(command))
  reply.integer(range.first)
  reply.integer(range.last)
  reply.integer(range.step)
  writeWords(
    reply,
    categoriesOf(spec).map((category) => `@${category}`),
  )
  writeTips(reply, spec)
  reply.set(spec.keys?.length ?? 0)
  for (const each of spec.keys ?? []) writeKeySpec(reply, each)
  if (command.subcommands === null) return reply.set(0)
  reply.array(command.subcommands.size)
  for (const sub of command.subcommands.values()) writeInfo(reply, sub)
}

function writeWords(reply: Reply, words: readonly string[]): void {
  reply.set(words.length)
  for (const word of words) reply.simple(word)
}

function writeTips(reply: Reply, { tips = [] }: CommandSpec): void {
  reply.set(tips.length)
  for (const tip of tips) reply.bulkText(tip)
}

function writeKeySpec(reply: Reply, spec: KeySpec): void {
  reply.map(spec.notes === undefined ? 3 : 4)
  if (spec.notes !== undefined) writePair(reply, 'notes', spec.notes)
  reply.bulkText('flags')
  writeWords(reply, flagNames(spec))
  reply.bulkText('begin_search')
  const { begin } = spec
  if (begin === 'unknown') writeSearch(reply, 'unknown', {})
  else if (typeof begin === 'number') writeSearch(reply, 'index', { index: begin })
  else writeSearch(reply, 'keyword', { keyword: begin.keyword, startfrom: begin.startFrom })
  reply.bulkText('find_keys')
  if (spec.unknown) {
    writeSearch(reply, 'unknown', {})
  } else if (spec.keyNumber !== undefined) {
    const { index, firstKey, step } = spec.keyNumber
    writeSearch(reply, 'keynum', { keynumidx: index, firstkey: firstKey, keystep: step })
  } else {
    const { last = 0, step = 1, limit = 0 } = spec
    writeSearch(reply, 'range', { lastkey: last, keystep: step, limit })
  }
}

/** A part of a key specification: its type, and a map of what the type needs. */
function writeSearch(reply: Reply, type: string, parts: Record<string, string | number>): void {
  reply.map(2)
  writePair(reply, 'type', type)
  reply.bulkText('spec')
  const pairs = Object.entries(parts)
  reply.map(pairs.length)
  for (const [name, value] of pairs) writePair(reply, name, value)
}

function writePair(reply: Reply, name: string, value: string | number): void {
  reply.bulkText(name)
  if (typeof value === 'number') reply.integer(value)
  else reply.bulkText(value)
}

/** The texts of a declaration, in the order of the map; undefined ones are left out. */
export function writeDocs(reply: Reply, command: Command): void {
  const { spec, subcommands } = command
  const mark = reply.beginMap()
  let pairs = 0
  const pair = (name: string, value: string | undefined): void => {
    if (value === undefined || value === '') return
    writePair(reply, name, value)
    pairs++
  }
  pair('summary', spec.summary)
  pair('since', spec.since)
  pair('group', spec.group)
  pair('complexity', spec.complexity)
  if (spec.docFlags !== undefined && spec.docFlags.length > 0) {
    reply.bulkText('doc_flags')
    writeWords(reply, spec.docFlags)
    pairs++
  }
  pair('deprecated_since', spec.deprecatedSince)
  pair('replaced_by', spec.replacedBy)
  if (spec.history !== undefined && spec.history.length > 0) {
    writeHistory(reply, spec.history)
    pairs++
  }
  if (spec.args !== undefined && spec.args.length > 0) {
    reply.bulkText('arguments')
    writeArguments(reply, spec.args)
    pairs++
  }
  if (subcommands !== null) {
    reply.bulkText('subcommands')
    reply.map(subcommands.size)
    for (const sub of subcommands.values()) {
      reply.bulkText(sub.fullName)
      writeDocs(reply, sub)
    }
    pairs++
  }
  reply.endMap(mark, pairs)
}

function writeHistory(reply: Reply, history: NonNullable<CommandSpec['history']>): void {
  reply.bulkText('history')
  reply.set(history.length)
  for (const [version, change] of history) {
    reply.array(2)
    reply.bulkText(version)
    reply.bulkText(change)
  }
}

function writeArguments(reply: Reply, args: readonly ArgSpec[]): void {
  reply.array(args.length)
  for (const each of args) writeArgument(reply, each)
}

function writeArgument(reply: Reply, arg: ArgSpec): void {
  const isContainer = arg.type === 'oneof' || arg.type === 'block'
  const mark = reply.beginMap()
  let pairs = 0
  const pair = (name: string, value: string | number | undefined): void => {
    if (value === undefined) return
    writePair(reply, name, value)
    pairs++
  }
  pair('name', arg.name)
  pair('type', arg.type)
  if (!isContainer) pair('display_text', arg.display ?? arg.name)
  pair('key_spec_index', arg.type === 'key' ? arg.keySpec : undefined)
  pair('token', arg.token)
  pair('summary', arg.summary)
  pair('since', arg.since)
  pair('deprecated_since', arg.deprecatedSince)
  const flags: string[] = []
  if (arg.optional) flags.push('optional')
  if (arg.multiple) flags.push('multiple')
  if (arg.multipleToken) flags.push('multiple_token')
  if (flags.length > 0) {
    reply.bulkText('flags')
    writeWords(reply, flags)
    pairs++
  }
  if (isContainer) {
    reply.bulkText('arguments')
    writeArguments(reply, arg.args ?? [])
    pairs++
  }
  reply.endMap(mark, pairs)
}
