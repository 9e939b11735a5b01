import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import {
  noTlsFlags,
  readTlsSettings,
  TLS_SWITCHES,
  TLS_VALUES,
} from '../../../src/cli/tls-flags.ts'

const switches = new Map(TLS_SWITCHES)
const values = new Map(TLS_VALUES)

test('the flags of TLS come to what Node is told, with the contents of files', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-tls-flags-'))
  const file = (name: string, text: string): string => {
    fs.writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }
  fs.mkdirSync(path.join(folder, 'authorities/none'), { recursive: true })
  file('authorities/b', 'B')
  const options = { tls: noTlsFlags() }
  expect(readTlsSettings(options.tls)).toEqual({ rejectUnauthorized: true })
  switches.get('--insecure')!(options)
  for (const [flag, value] of [
    ['--sni', 'host'],
    ['--cacert', file('a', 'A')],
    ['--cacertdir', path.join(folder, 'authorities')],
    ['--cert', file('cert', 'C')],
    ['--key', file('key', 'K')],
    ['--tls-ciphers', 'old'],
    ['--tls-ciphersuites', 'new'],
  ] as const) {
    values.get(flag)!(options, value)
  }
  expect(readTlsSettings(options.tls)).toEqual({
    rejectUnauthorized: false,
    servername: 'host',
    ca: ['A', 'B'],
    cert: 'C',
    key: 'K',
    ciphers: 'new:old',
  })
  fs.rmSync(folder, { recursive: true })
  expect(() => readTlsSettings(options.tls)).toThrow('ENOENT')
})
