/**
 * Every right is asked for: each registered command and subcommand is refused without its own, and
 * each key of each command without the right to it, for reading or writing as the declaration says.
 * Requests are drawn from the declarations; a refused one is never carried out.
 */
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../src/commands/all.ts'
import type { CommandSpec, KeySpec } from '../../../src/commands/command.ts'
import { hasKeys, keysOf } from '../../../src/commands/key-specs.ts'
import { Args } from '../../../src/resp/args.ts'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'
import { commandChoices, RandomCommands } from '../../support/random-commands.ts'

interface Declared {
  /** As it is called: `CONFIG GET`. */
  readonly name: string
  /** As rules name it: `config|get`. */
  readonly rule: string
  readonly spec: CommandSpec
}

const declared: readonly Declared[] = COMMANDS.flatMap((spec) => [
  ...(spec.run === undefined ? [] : [{ name: spec.name, rule: spec.name.toLowerCase(), spec }]),
  ...(spec.subcommands ?? []).map((sub) => ({
    name: `${spec.name} ${sub.name}`,
    rule: `${spec.name}|${sub.name}`.toLowerCase(),
    spec: sub,
  })),
])
const restricted = declared.filter(({ spec }) => !spec.flags.includes('no_auth'))

/** A client that is the default user, and one that is `u`. */
function clients(): { admin: InProcessClient; user: InProcessClient } {
  const admin = new InProcessClient(testServer({ config: { 'enable-debug-command': 'yes' } }))
  admin.value('ACL', 'SETUSER', 'u', 'on', 'nopass')
  const user = new InProcessClient(admin.server)
  expect(user.value('AUTH', 'u', '')).toBe('OK')
  return { admin, user }
}

/** A request of the command with as many arguments as it takes. */
function shortest({ name, spec }: Declared): string[] {
  const words = name.split(' ')
  while (words.length < Math.abs(spec.arity)) words.push('1')
  return words
}

describe('commands', () => {
  test('each is refused to a user who has all rights but this one', () => {
    const { admin, user } = clients()
    const wrong: string[] = []
    for (const each of restricted) {
      admin.value('ACL', 'SETUSER', 'u', 'allkeys', 'allchannels', '+@all', `-${each.rule}`)
      const refusal = `NOPERM User u has no permissions to run the '${each.rule}' command\r\n`
      if (!user.call(...shortest(each)).endsWith(refusal)) wrong.push(each.rule)
      if (admin.value('ACL', 'DRYRUN', 'u', ...shortest(each)) === 'OK') wrong.push(each.rule)
    }
    expect(wrong).toEqual([])
  })

  test('each is allowed to a user who has nothing but this right', () => {
    const { admin } = clients()
    const wrong: string[] = []
    for (const each of restricted) {
      admin.value('ACL', 'SETUSER', 'u', 'allkeys', 'allchannels', '-@all', `+${each.rule}`)
      if (admin.value('ACL', 'DRYRUN', 'u', ...shortest(each)) !== 'OK') wrong.push(each.rule)
      const others = restricted.filter(({ rule }) => rule !== each.rule)
      const other = others[wrong.length % others.length]!
      if (other.rule.startsWith(`${each.rule}|`)) continue
      if (admin.value('ACL', 'DRYRUN', 'u', ...shortest(other)) === 'OK') wrong.push(other.rule)
    }
    expect(wrong).toEqual([])
  })

  test('a container gives and takes the rights of its subcommands', () => {
    const { admin } = clients()
    const wrong: string[] = []
    for (const { name, subcommands = [] } of COMMANDS) {
      const subs = declared.filter(({ name: each }) => each.startsWith(`${name} `))
      expect(subs).toHaveLength(subcommands.length)
      const allowed = (): string[] =>
        subs
          .filter((each) => admin.value('ACL', 'DRYRUN', 'u', ...shortest(each)) === 'OK')
          .map(({ rule }) => rule)
      admin.value('ACL', 'SETUSER', 'u', '~*', '&*', '+@all', `-${name}`)
      wrong.push(...allowed())
      admin.value('ACL', 'SETUSER', 'u', '-@all', `+${name}`)
      if (allowed().length < subs.length) wrong.push(name)
    }
    expect(wrong).toEqual([])
  })

  test('what is needed to log in is always allowed', () => {
    const free = declared.filter((each) => !restricted.includes(each)).map(({ rule }) => rule)
    expect(free).toEqual(['auth', 'hello', 'quit', 'reset'])
  })

  test('each category gives the rights to its commands, and to no others', () => {
    const { admin } = clients()
    for (const category of admin.value('ACL', 'CAT') as string[]) {
      admin.value('ACL', 'SETUSER', 'u', '~*', '&*', '-@all', `+@${category}`)
      const listed = new Set(admin.value('ACL', 'CAT', category) as string[])
      const isContained = (rule: string) => listed.has(rule.split('|')[0]!)
      for (const each of restricted) {
        const isAllowed = admin.value('ACL', 'DRYRUN', 'u', ...shortest(each)) === 'OK'
        const isMember = listed.has(each.rule) || isContained(each.rule)
        expect([category, each.rule, isAllowed]).toEqual([category, each.rule, isMember])
      }
    }
  })
})

/** The rights to a key, as a rule's letters, that a use of it needs. */
function lettersOf({ intent = [] }: Pick<KeySpec, 'intent'>): string {
  const intents = [intent].flat()
  const reads = intents.includes('access')
  return (reads ? 'R' : '') + (intents.length > (reads ? 1 : 0) ? 'W' : '')
}

interface DrawnRequest {
  readonly words: readonly string[]
  /** Each with the letters of the rights that it needs, '' for any. */
  readonly keys: readonly (readonly [key: string, letters: string])[]
}

const NAMES = commandChoices('99.0.0', new Set()).map(({ name }) => name)
const DRAWS = 3000
const WANTED = 12

/** Requests of a command with keys; the keys have names of their own, `k0`, `k1` … */
function drawRequests({ name, spec }: Declared, seed: number): DrawnRequest[] {
  const excluded = new Set(NAMES.filter((each) => each !== name))
  const random = new RandomCommands({ seed, version: '99.0.0', excluded })
  const requests: DrawnRequest[] = []
  for (let i = 0; i < DRAWS && requests.length < WANTED; i++) {
    const words = random.next().args.map((bytes) => bytes.toString('latin1'))
    const args = Args.from(words)
    const arityFits = spec.arity >= 0 ? args.count === spec.arity : args.count >= -spec.arity
    const isNamed = words.join(' ').toUpperCase().startsWith(`${name} `)
    if (!arityFits || !isNamed) continue
    const found = keysOf(spec, args)
    if (found === null || found.length === 0 || found.length > 20) continue
    const keys = found.map(({ use }, k) => [`k${k}`, lettersOf(use)] as const)
    found.forEach(({ index }, k) => {
      words[index] = `k${k}`
    })
    if (keysOf(spec, Args.from(words))?.length !== keys.length) continue
    requests.push({ words, keys })
  }
  return requests
}

const KEYED = declared.filter(({ spec }) => hasKeys(spec))

test('commands with keys are most of all', () => {
  expect(KEYED.length).toBeGreaterThan(130)
})

describe.each(KEYED.map((each) => [each.name, each] as const))('%s', (_, each) => {
  const seed = 17
  const requests = drawRequests(each, seed)

  test('has requests that can be drawn', () => {
    expect(requests.length).toBeGreaterThan(0)
  })

  test('is refused without its key rights, and allowed with just these', () => {
    const { admin, user } = clients()
    const rule = ([key, letters]: readonly [string, string]) =>
      `${letters === '' ? '%R' : `%${letters}`}~${key}`
    const setKeys = (rules: readonly string[]) => {
      admin.value('ACL', 'SETUSER', 'u', 'resetkeys', 'allchannels', '+@all', ...rules)
    }
    for (const { words, keys } of requests) {
      const dryRun = () => admin.value('ACL', 'DRYRUN', 'u', ...words)
      setKeys([])
      expect(user.call(...words)).toBe('-NOPERM No permissions to access a key\r\n')
      setKeys(keys.map(rule))
      expect([words, dryRun()]).toEqual([words, 'OK'])
      keys.forEach(([key, letters], k) => {
        const others = keys.filter((_, i) => i !== k).map(rule)
        const refusal = `User u has no permissions to access the '${key}' key`
        const expectRefused = (rules: readonly string[]) => {
          setKeys([...others, ...rules])
          expect([words, rules, dryRun()]).toEqual([words, rules, refusal])
        }
        expectRefused([])
        if (letters.includes('W')) expectRefused([`%R~${key}`])
        if (letters.includes('R')) expectRefused([`%W~${key}`])
        if (letters !== '') return
        setKeys([...others, `%W~${key}`])
        expect(dryRun()).toBe('OK')
      })
    }
  })
})
