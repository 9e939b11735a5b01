/** What a server process makes of its arguments before it starts. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { logo } from '../../../src/cli/logo.ts'
import {
  checkUsers,
  configurationNotice,
  readStartConfig,
  renameCommands,
} from '../../../src/cli/start-config.ts'
import { Config } from '../../../src/config/config.ts'
import { ConfigFileError } from '../../../src/config/config-file.ts'
import { SystemFiles } from '../../../src/platform/files.ts'
import { Server } from '../../../src/server/server.ts'

let directory: string

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-cli-'))
})

afterEach(() => fs.rmSync(directory, { recursive: true }))

function read(content: string): Config {
  const file = path.join(directory, 'redis.conf')
  fs.writeFileSync(file, content)
  const config = new Config(new SystemFiles())
  readStartConfig(config, [file])
  return config
}

function failure(run: () => void): ConfigFileError {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigFileError) return error
    throw error
  }
  throw new Error('this should have failed')
}

describe('what cannot be honoured is fatal', () => {
  for (const [line, text] of [
    ['loadmodule /x.so', 'loads no modules'],
    ['bf.size 1', 'no module with this setting'],
  ]) {
    test(line, () => expect(failure(() => read(`${line}\n`)).text).toContain(text))
  }
})

test('a start without a file and without options is told', () => {
  expect(configurationNotice([]).level).toBe('warning')
  expect(configurationNotice([]).text).toContain('No configuration file was given')
  expect(configurationNotice(['--port', '0'])).toEqual({
    level: 'notice',
    text: 'Configuration loaded',
  })
})

describe('user lines', () => {
  const check = (lines: string): void =>
    checkUsers(new Server({ config: read(lines), print: () => {} }))

  test('are taken if their rules are understood, whatever commands they name', () => {
    check('user alice on nopass ~* +@all -nosuch (+get ~a)\nuser bob\n')
  })

  for (const [lines, place, text] of [
    [
      'user alice on\nuser bob &* &a',
      "at line 2\n>>> 'user bob &* &a'",
      "Error in user declaration 'bob': Adding a pattern after the * pattern (or the 'allchannels'",
    ],
    [
      'user alice\nuser alice',
      'at line 2',
      "Error in user declaration 'alice': Duplicate user found. A user can only be defined once",
    ],
    ['user alice (+get', 'at line 1', "Error in user declaration 'user': Wrong format"],
  ]) {
    test(lines, () => {
      const error = failure(() => check(`${lines}\n`))
      expect(error.text).toContain(place)
      expect(error.text).toContain(text)
      expect(error.channel).toBe('stderr')
    })
  }
})

describe('rename-command', () => {
  const renamed = (lines: string): Server => {
    const server = new Server({ config: read(lines), print: () => {} })
    renameCommands(server)
    return server
  }

  test('renames, takes away, and takes a name that has become free', () => {
    const { commands } = renamed('rename-command get fetch\nrename-command SET ""\n')
    expect(commands.get('get')).toBeNull()
    expect(commands.get('FETCH')?.fullName).toBe('get')
    expect(commands.get('set')).toBeNull()
    expect(renamed('rename-command ping PING\n').commands.get('ping')).not.toBeNull()
    const swapped = renamed('rename-command get ""\nrename-command set get\n')
    expect(swapped.commands.get('get')?.fullName).toBe('set')
  })

  test('names that are missing or taken are fatal', () => {
    const missing = failure(() => renamed('\nrename-command nosuch x\n'))
    expect(missing.text).toContain('No such command in rename-command')
    expect(missing.text).toContain("at line 2\n>>> 'rename-command nosuch x'")
    const taken = failure(() => renamed('rename-command get set\n'))
    expect(taken.text).toContain('Target command name already exists')
  })
})

test('the logo tells the process that the suite waits for', () => {
  expect(logo({ version: '0.0.0', mode: 'standalone', port: 1 })).toContain(
    ` PID: ${process.pid}\n`,
  )
})
