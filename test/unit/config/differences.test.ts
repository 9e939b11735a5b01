/**
 * docs/differences.md and docs/configuration.md are current where the code can say so: the
 * directives without effect are those that no source reads, all others are explained with their
 * defaults, the commands that are called absent are absent, and DEBUG has the subcommands named.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../../src/commands/all.ts'
import { documentedDirectives } from '../../../src/config/directives.ts'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs', 'differences.md'), 'utf8')
const CONFIGURATION = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8')

/** The part of the page from one text to the next. */
function between(start: string, end: string): string {
  const from = PAGE.indexOf(start)
  const to = PAGE.indexOf(end, from + start.length)
  if (from < 0 || to < 0) throw new Error(`the page lacks '${start}' or '${end}'`)
  return PAGE.slice(from + start.length, to)
}

/** What is marked as code in a part of the page. */
function named(part: string): string[] {
  return Array.from(part.matchAll(/`([^`]+)`/g), (match) => match[1]!)
}

/** All of src/ apart from the table itself, whose rows name every directive. */
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !/directives-\w+\.ts$/.test(path))
  .map((path) => readFileSync(join(ROOT, 'src', path), 'utf8'))
  .join('\n')

/** Read by a name that is chosen at run time, see `guardOf` of the dispatcher and `optionsOf` of the process. */
const READ_OTHERWISE = ['enable-debug-command', 'shutdown-on-sigint', 'shutdown-on-sigterm']
const USE = /\b(?:get|print|follow|allows|onChange|onApply)\(\s*\[?'([\w-]+)'/g
const READ = new Set(READ_OTHERWISE)
for (const [, name] of SOURCES.matchAll(USE)) READ.add(name!)

function isRead(name: string): boolean {
  return READ.has(name)
}

test('the directives without effect are those that nothing reads', () => {
  const listed = named(between('<!-- directives without effect -->', '<!-- end -->'))
  const unread = documentedDirectives().filter(({ name }) => !isRead(name))
  expect(listed).toEqual(unread.map(({ name }) => name))
})

test('the table says of each directive whether something reads it', () => {
  const active = documentedDirectives().filter(({ meaning }) => meaning === 'active')
  const read = documentedDirectives().filter(({ name }) => isRead(name))
  expect(active.map(({ name }) => name)).toEqual(read.map(({ name }) => name))
})

test('the other directives are explained, as they are declared', () => {
  const row = /^\| `([\w-]+)` \| (?:`(.*)` )?\| (yes|no) \| .+ \|$/gm
  const rows = Array.from(CONFIGURATION.matchAll(row), (match) => match.slice(1))
  const declared = new Map(documentedDirectives().map((each) => [each.name, each]))
  for (const [name = '', defaultValue = '', runTime] of rows) {
    const { settable, ...directive } = declared.get(name)!
    expect([name, directive.defaultValue, settable ? 'yes' : 'no']).toEqual([
      name,
      defaultValue,
      runTime,
    ])
  }
  const explained = [
    ...rows.map(([name]) => name),
    ...named(between('## Configuration\n', '<!-- directives without effect -->')).map(
      (text) => text.split(' ')[0],
    ),
  ]
  const read = [...declared.keys()].filter(isRead)
  expect(read.filter((name) => !explained.includes(name))).toEqual([])
  expect(rows.filter(([name = '']) => !isRead(name))).toEqual([])
})

test('directives that are read are not said to be without effect by mistake', () => {
  for (const name of ['maxmemory', 'dynamic-hz', 'port', 'timeout', 'proto-max-bulk-len']) {
    expect(isRead(name), name).toBe(true)
  }
})

const ABSENT_GROUPS = ['stream', 'geo', 'scripting', 'cluster', 'sentinel']

test('commands that are said to be absent are absent', () => {
  const part = between('## Not there yet', '## Commands that are more')
  const absent = named(part.slice(part.indexOf('| subject |')))
  expect(absent.length).toBeGreaterThan(10)
  const there = COMMANDS.flatMap(({ name, subcommands = [] }) => [
    name,
    ...subcommands.map((sub) => `${name} ${sub.name}`),
  ])
  expect(absent.filter((name) => there.includes(name))).toEqual([])
  expect(COMMANDS.filter(({ group }) => ABSENT_GROUPS.includes(group))).toEqual([])
})

test('DEBUG has the subcommands that are named, and no others', () => {
  const part = between('## DEBUG', '## The process')
  const there = named(part.slice(part.indexOf('- There:'), part.indexOf('- Not there:')))
  const client = new InProcessClient(testServer({ config: { 'enable-debug-command': 'yes' } }))
  const help = client.value('DEBUG', 'HELP') as string[]
  const syntaxes = help.slice(1, -2).filter((line) => !line.startsWith(' '))
  expect(there.sort()).toEqual(syntaxes.map((line) => line.split(' ')[0]!).sort())
})
