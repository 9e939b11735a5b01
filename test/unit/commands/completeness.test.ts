/**
 * Declarations and tests are complete: every command and subcommand is called by a test, and what a
 * declaration says in one place agrees with what it says in the others.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../src/commands/all.ts'
import { type ArgSpec, COMMAND_FLAGS, type CommandSpec } from '../../../src/commands/command.ts'

const TESTS = fileURLToPath(new URL('../..', import.meta.url))

interface Declared {
  /** As it is called: `CONFIG GET`. */
  readonly name: string
  readonly spec: CommandSpec
  readonly words: number
}

const declared: Declared[] = COMMANDS.flatMap((spec) => [
  { name: spec.name, spec, words: 1 },
  ...(spec.subcommands ?? []).map((sub) => ({
    name: `${spec.name} ${sub.name}`,
    spec: sub,
    words: 2,
  })),
])

const sources = readdirSync(TESTS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
  .filter((entry) => entry.name !== 'completeness.test.ts')
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))

/** Whether a test has the name where a request begins: right behind a quotation mark. */
function isCalled(name: string): boolean {
  const words = name.split(' ').join(`(?:\\s+|['"\`],\\s*['"\`])`)
  const request = new RegExp(`['"\`]${words}(?=[\\s'"\`])`, 'i')
  return sources.some((source) => request.test(source))
}

test('every command and subcommand is called by a test', () => {
  const missing = declared
    .filter(({ spec }) => spec.run !== undefined)
    .filter(({ name }) => !isCalled(name))
    .map(({ name }) => name)
  expect(missing).toEqual([])
})

/** The names of the declarations that something is wrong with. */
function offenders(isWrong: (declaration: Declared) => boolean): string[] {
  return declared.filter(isWrong).map(({ name }) => name)
}

/** The least number of words that an argument takes. */
function leastWords(arg: ArgSpec): number {
  if (arg.optional) return 0
  return Number(arg.token !== undefined && arg.type !== 'pure-token') + leastValueWords(arg)
}

function leastValueWords({ type, args = [] }: ArgSpec): number {
  if (type === 'block') return args.reduce((sum, arg) => sum + leastWords(arg), 0)
  if (type === 'oneof') return Math.min(...args.map(leastWords))
  return 1
}

/** Whether an argument may take more words or fewer. */
function varies(arg: ArgSpec): boolean {
  if (arg.optional || arg.multiple) return true
  if (arg.type !== 'oneof') return (arg.args ?? []).some(varies)
  const options = arg.args ?? []
  return options.some(varies) || new Set(options.map(leastWords)).size > 1
}

function everyArgument(args: readonly ArgSpec[] = []): ArgSpec[] {
  return args.flatMap((arg) => [arg, ...everyArgument(arg.args)])
}

const VERSION = /^\d+\.\d+\.\d+$/

/** Versions as numbers that compare. */
function versionNumber(version: string): number {
  return version.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0)
}

/** Their arguments are described for a use, or as a whole, and not in detail: DEBUG, SHUTDOWN … */
const UNDESCRIBED = new Set(['DEBUG', 'LOLWUT', 'SHUTDOWN'])

describe('declarations', () => {
  test('names are unique and in capitals', () => {
    expect(new Set(declared.map(({ name }) => name)).size).toBe(declared.length)
    expect(offenders(({ name }) => name !== name.toUpperCase())).toEqual([])
  })

  test('arity agrees with the arguments', () => {
    const wrong = offenders(({ name, spec, words }) => {
      if (spec.run === undefined || spec.subcommands || UNDESCRIBED.has(name)) return false
      const { arity, args = [] } = spec
      const least = words + args.reduce((sum, arg) => sum + leastWords(arg), 0)
      return arity >= 0 ? arity !== least || args.some(varies) : -arity > least + 1
    })
    expect(wrong).toEqual([])
  })

  test('key arguments and key specifications agree', () => {
    const wrong = offenders(({ spec }) => {
      const indexes = everyArgument(spec.args)
        .filter(({ type, keySpec }) => type === 'key' || keySpec !== undefined)
        .map(({ keySpec }) => keySpec ?? -1)
      const keys = (spec.keys ?? []).filter(({ flags = [] }) => !flags.includes('not_key'))
      const isUnknown = indexes.some((index) => index < 0 || index >= keys.length)
      return isUnknown || keys.some((_, index) => !indexes.includes(index))
    })
    expect(wrong).toEqual([])
  })

  test('flags agree with what is done to the keys', () => {
    const wrong = offenders(({ spec: { flags, keys = [] } }) => {
      const writes = keys.some(({ access }) => access !== 'RO')
      if (flags.includes('write') && flags.includes('readonly')) return true
      // PFCOUNT keeps its result in the value, and is for reading all the same.
      if (writes && !flags.includes('write')) return !flags.includes('may_replicate')
      return flags.includes('denyoom') && !flags.includes('write')
    })
    expect(wrong).toEqual([])
  })

  test('keys that specifications cannot tell are found otherwise', () => {
    const wrong = offenders(
      ({ spec: { keys = [], findKeys } }) =>
        findKeys === undefined &&
        keys.some(({ unknown, flags = [] }) => unknown || flags.includes('incomplete')),
    )
    expect(wrong).toEqual([])
  })

  test('flags, tips and arguments are well formed', () => {
    const known: readonly string[] = [...COMMAND_FLAGS, 'protected', 'touches_arbitrary_keys']
    expect(
      offenders(({ spec: { flags } }) => {
        return new Set(flags).size < flags.length || flags.some((flag) => !known.includes(flag))
      }),
    ).toEqual([])
    expect(
      offenders(({ spec: { tips = [] } }) => tips.some((tip) => !/^[a-z_]+(:[a-z_]+)?$/.test(tip))),
    ).toEqual([])
    const isMalformed = ({ type, token, args = [] }: ArgSpec): boolean => {
      if (type === 'pure-token' && token === undefined) return true
      return (type === 'oneof' || type === 'block') !== args.length > 0
    }
    expect(offenders(({ spec }) => everyArgument(spec.args).some(isMalformed))).toEqual([])
  })

  test('texts are there', () => {
    expect(offenders(({ spec: { summary } }) => !/^[A-Z].*\.$/.test(summary))).toEqual([])
    expect(offenders(({ name, spec }) => spec.complexity === '' && !UNDESCRIBED.has(name))).toEqual(
      [],
    )
  })

  test('versions are well formed and in order', () => {
    const wrong = offenders(({ name, spec: { since, history = [] } }) => {
      const versions = [since, ...history.map(([version]) => version)]
      if (!versions.every((version) => VERSION.test(version))) return true
      // Redis dates a change of this one before the command itself.
      if (name === 'ZREVRANGEBYSCORE') return false
      const numbers = versions.map(versionNumber)
      return numbers.some((number, i) => i > 0 && number < numbers[0]!)
    })
    expect(wrong).toEqual([])
  })

  test('subcommands are of their container: its group, and no subcommands of their own', () => {
    const wrong = COMMANDS.filter(({ group, subcommands = [] }) =>
      subcommands.some((sub) => sub.group !== group || sub.subcommands !== undefined),
    )
    expect(wrong.map(({ name }) => name)).toEqual([])
  })
})
