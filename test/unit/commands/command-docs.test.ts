/** docs/commands.md is what the declarations give: `npm run docs` writes it anew. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMAND_DOCS_PATH, commandDocs } from '../../../scripts/write-command-docs.ts'
import { COMMANDS } from '../../../src/commands/all.ts'
import {
  block,
  command,
  integer,
  key,
  oneOf,
  string,
  token,
} from '../../../src/commands/command.ts'
import { commandSyntax } from '../../../src/commands/syntax.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

test('docs/commands.md is current', () => {
  const written = readFileSync(`${ROOT}/${COMMAND_DOCS_PATH}`, 'utf8').replaceAll('\r\n', '\n')
  expect(written).toBe(commandDocs(COMMANDS))
})

test('every command has a row', () => {
  const docs = commandDocs(COMMANDS)
  for (const { name, run, subcommands = [] } of COMMANDS) {
    if (run !== undefined) expect(docs).toMatch(new RegExp(`^\\| \`${name}[ \`]`, 'm'))
    for (const sub of subcommands) {
      expect(docs).toMatch(new RegExp(`^\\| \`${name} ${sub.name}[ \`]`, 'm'))
    }
  }
})

describe('syntax', () => {
  const syntax = (...args: Parameters<typeof command>[0]['args'] & {}) =>
    commandSyntax(
      command({
        name: 'X',
        group: 'server',
        since: '1.0.0',
        complexity: '',
        summary: '',
        arity: -1,
        flags: [],
        args,
      }),
    )

  test('values and tokens', () => {
    expect(syntax()).toBe('X')
    expect(syntax(key('key'), string('value'))).toBe('X key value')
    expect(syntax(string('name', { display: 'shown' }))).toBe('X shown')
    expect(syntax(integer('count', { token: 'COUNT', optional: true }))).toBe('X [COUNT count]')
    expect(syntax(token('NOW', { optional: true }))).toBe('X [NOW]')
  })

  test('repetition', () => {
    expect(syntax(key('key', { multiple: true }))).toBe('X key [key ...]')
    expect(syntax(string('arg', { multiple: true, optional: true }))).toBe('X [arg [arg ...]]')
    const pair = [key('key'), string('value')]
    expect(syntax(block('data', pair, { multiple: true }))).toBe('X key value [key value ...]')
    const get = string('pattern', { token: 'GET', multiple: true, multipleToken: true })
    expect(syntax({ ...get, optional: true })).toBe('X [GET pattern [GET pattern ...]]')
  })

  test('choices', () => {
    const choice = [token('NX'), token('XX'), integer('ms', { token: 'PX' })]
    expect(syntax(oneOf('c', choice, { optional: true }))).toBe('X [NX | XX | PX ms]')
    expect(syntax(oneOf('c', choice))).toBe('X <NX | XX | PX ms>')
    expect(syntax(oneOf('c', choice, { optional: true, token: 'IF' }))).toBe(
      'X [IF <NX | XX | PX ms>]',
    )
  })
})
