/** `redstart check-rdb`: what it says, and the status it ends with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkRdb } from '../../../src/cli/check-rdb.ts'
import { SystemFiles } from '../../../src/platform/files.ts'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'
import { bytesOf, writeKeyspace } from '../../support/rdb.ts'

const directory = mkdtempSync(join(tmpdir(), 'check-rdb-'))
afterAll(() => rmSync(directory, { recursive: true }))

function check(file: Uint8Array): { status: number; said: string } {
  const path = join(directory, 'dump.rdb')
  writeFileSync(path, file)
  let said = ''
  const print = (text: string): void => {
    said += text
  }
  const status = checkRdb([path], { files: new SystemFiles(), print })
  return { status, said: said.replace(path, 'FILE') }
}

function sample(): Uint8Array {
  const server = testServer()
  const client = new InProcessClient(server)
  client.value('SET', 'key', 'value')
  client.value('SET', 'expiring', 'value', 'PXAT', '4999999999999')
  client.value('RPUSH', 'list', 'a', 'b')
  client.value('SELECT', '3')
  client.value('SET', 'other', 'value')
  return writeKeyspace(server.keyspace)
}

test('a sound file is said to look OK', () => {
  const { status, said } = check(sample())
  expect(status).toBe(0)
  expect(said.split('\n')).toEqual([
    '[offset 0] Checking RDB file FILE',
    "[offset 26] AUX FIELD redis-ver = '7.2.0'",
    '[offset 28] Selecting DB ID 0',
    expect.stringMatching(/^\[offset \d+] Selecting DB ID 3$/),
    expect.stringMatching(/^\[offset \d+] Checksum OK$/),
    expect.stringMatching(/^\[offset \d+] \\o\/ RDB looks OK! \\o\/$/),
    '[info] 4 keys read',
    '[info] 1 expires',
    '[info] 0 already expired',
    '',
  ])
})

test('what is wrong is said with its place, its key and its type', () => {
  const cut = check(sample().subarray(0, 50))
  expect(cut.status).toBe(1)
  expect(cut.said).toContain('--- RDB ERROR DETECTED ---\n[offset ')
  expect(cut.said).toContain('[info] ')
  const wrong = check(bytesOf('REDIS0011', 2, '\x01k', 2, '\x01a\x01a', 255, '12345678'))
  expect(wrong.status).toBe(1)
  expect(wrong.said).toContain('While doing: read-object-value')
  expect(wrong.said).toContain("Reading key 'k'")
  expect(wrong.said).toContain('Reading type 2 (set-hashtable)')
  expect(check(bytesOf('REDIS0011', 255, '12345678')).said).toContain('While doing: check-sum')
  expect(check(bytesOf('nonsense.')).status).toBe(1)
})

test('a file without a checksum is told', () => {
  const { status, said } = check(bytesOf('REDIS0011', 255, [0, 0, 0, 0, 0, 0, 0, 0]))
  expect(status).toBe(0)
  expect(said).toContain('saved with checksum disabled')
})

test('a file that is not there, or none given, is an error', () => {
  const said: string[] = []
  const environment = { files: new SystemFiles(), print: (text: string) => said.push(text) }
  expect(checkRdb([join(directory, 'none')], environment)).toBe(1)
  expect(checkRdb([], environment)).toBe(1)
  expect(said.at(-1)).toBe('Usage: redstart check-rdb <rdb-file-name>\n')
})
