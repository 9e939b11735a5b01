/** docs/security.md names tests that are there, and directives that have an effect. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { documentedDirectives } from '../../src/config/directives.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8')

test('the tests that the page names exist', () => {
  const files = Array.from(PAGE.matchAll(/`([\w/-]+\.test\.ts)`/g), ([, file]) => file!)
  expect(files.length).toBeGreaterThan(20)
  expect(files.filter((file) => !existsSync(join(ROOT, 'test', file)))).toEqual([])
})

test('the directives that the page names have an effect', () => {
  const rows = PAGE.split('\n').filter((line) => line.startsWith('| ') && line.endsWith(' |'))
  const columns = rows.map((row) => row.split(' | ').at(-2) ?? '')
  const named = columns.flatMap((column) =>
    Array.from(column.matchAll(/`([a-z][\w-]+)[^`]*`/g), ([, name]) => name!),
  )
  const meanings = new Map(documentedDirectives().map(({ name, meaning }) => [name, meaning]))
  expect(named.length).toBeGreaterThan(15)
  // A line of the configuration file, but no directive with a value.
  const others = named.filter((name) => name !== 'rename-command')
  expect(others.filter((name) => meanings.get(name) !== 'active')).toEqual([])
})
