/**
 * The files of the append-only log between Redis and Redstart: what one writes the other loads,
 * checks and goes on with, there and back.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AofDirectory } from '../../src/aof/aof-directory.ts'
import { AofLoader } from '../../src/aof/aof-loader.ts'
import { AppendLog } from '../../src/aof/append-log.ts'
import { checkAof } from '../../src/cli/check-aof.ts'
import { ManualClock } from '../../src/platform/clock.ts'
import { SystemFiles } from '../../src/platform/files.ts'
import { referenceVersion, startReference } from './support/reference.ts'
import { WireClient } from './support/wire.ts'

// A name that the manifest has to quote.
const FILE_NAME = 'append only.aof'
const checkProgram = process.env.REDIS_CHECK_AOF ?? 'redis-check-aof'
const files = new SystemFiles()

let directory: string

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-aof-'))
})

afterEach(() => {
  fs.rmSync(directory, { recursive: true, force: true })
})

const manifestPath = () => path.join(directory, 'appendonlydir', `${FILE_NAME}.manifest`)

function openDirectory(): AofDirectory {
  const opened = new AofDirectory({
    files,
    directory,
    directoryName: 'appendonlydir',
    fileName: FILE_NAME,
    hasChecksums: true,
    log: () => undefined,
  })
  opened.read()
  return opened
}

function newLog(): AppendLog {
  const log = new AppendLog(new ManualClock(), () => undefined)
  log.policy = 'no'
  log.hasTimestamps = true
  return log
}

/** Loads what is there, and opens the log for more. */
function load() {
  const opened = openDirectory()
  const commands: string[] = []
  const loader = new AofLoader({
    files,
    directory: opened,
    clock: new ManualClock(),
    log: () => undefined,
    loadsTruncated: false,
    target: {
      replay: (args) => {
        const words = Array.from({ length: args.count }, (_, i) => args.text(i))
        if (words[0].toLowerCase() !== 'select') commands.push(words.join(' '))
        return true
      },
      preamble: () => {
        throw new Error('there is no snapshot')
      },
    },
  })
  while (!loader.step(1000));
  loader.close()
  return { commands, loader, opened }
}

/** Runs commands on a redis-server of this directory. @returns their replies */
async function onRedis(commands: string[]): Promise<string[]> {
  const flags = ['--dir', directory, '--appendonly', 'yes', '--appendfilename', FILE_NAME]
  const server = await startReference({ flags })
  try {
    const client = await WireClient.connect(server.port)
    const replies: string[] = []
    for (const command of commands) {
      const reply = await client.call(...command.split(' '))
      replies.push(Buffer.from(reply).toString('latin1'))
    }
    client.close()
    return replies
  } finally {
    await server.close()
  }
}

function checkByRedis(file: string, ...flags: string[]) {
  const { status, stdout } = spawnSync(checkProgram, [...flags, file], {
    encoding: 'utf8',
    input: 'y\n',
  })
  return { status, stdout }
}

function checkByRedstart(file: string, ...flags: string[]) {
  let stdout = ''
  const print = (text: string) => {
    stdout += text
  }
  const status = checkAof([...flags, file], { files, print, ask: () => 'y', nowMs: 1 })
  return { status, stdout }
}

describe.skipIf(referenceVersion === undefined)('a log', () => {
  /** A log of Redstart's: a base, and two incremental files. */
  function write(): string[] {
    const opened = openDirectory()
    const log = newLog()
    opened.beginRewrite(log)
    fs.writeFileSync(opened.temporaryBasePath, '*3\r\n$3\r\nSET\r\n$4\r\nbase\r\n$1\r\n0\r\n')
    opened.finishRewrite(log, 'aof')
    log.select(0)
    log.appendCommand(['MULTI'])
    log.appendCommand(['SET', 'a', '\r\n#CRC:'])
    log.appendCommand(['INCR', 'n'])
    log.appendCommand(['EXEC'])
    log.flush()
    log.select(3)
    log.appendCommand(['RPUSH', 'l', 'x', 'y'])
    log.flush()
    opened.beginRewrite(log)
    log.select(0)
    for (let i = 0; i < 200; i++) {
      log.appendCommand(['INCR', 'n'])
      if (i % 7 === 0) log.flush()
    }
    log.close()
    return ['SET base 0', 'SET a \r\n#CRC:', 'INCR n', 'RPUSH l x y', ...Array(200).fill('INCR n')]
  }

  test('of Redstart is loaded by redis-server', async () => {
    const commands = write()
    expect(load().commands).toEqual(commands)
    const replies = await onRedis(['GET base', 'GET a', 'GET n', 'SELECT 3', 'LRANGE l 0 -1'])
    expect(replies).toEqual([
      '$1\r\n0\r\n',
      '$7\r\n\r\n#CRC:\r\n',
      '$3\r\n201\r\n',
      '+OK\r\n',
      '*2\r\n$1\r\nx\r\n$1\r\ny\r\n',
    ])
  })

  test('of Redstart is valid to redis-check-aof, and to check-aof', () => {
    write()
    for (const { status, stdout } of [
      checkByRedis(manifestPath()),
      checkByRedstart(manifestPath()),
    ]) {
      expect(stdout).toMatch(/All AOF files and manifest are valid\n$/)
      expect(status).toBe(0)
    }
    const name = path.join(directory, 'appendonlydir', `${FILE_NAME}.1.incr.aof`)
    expect(checkByRedis(name).status).toBe(0)
  })

  test('goes from one to the other and back', async () => {
    const commands = write()
    await onRedis(['INCR n', 'SET b 1'])
    const first = load()
    expect(first.commands).toEqual([...commands, 'INCR n', 'SET b 1'])
    const log = newLog()
    log.switchTo(first.opened.openForAppend(first.loader.end))
    log.select(0)
    log.appendCommand(['INCR', 'n'])
    log.close()
    expect(await onRedis(['INCR n', 'GET b'])).toEqual([':204\r\n', '$1\r\n1\r\n'])
    const second = load()
    expect(second.commands).toEqual([...first.commands, 'INCR n', 'INCR n'])
    expect(second.loader.hasUnchecked).toBe(true)
  })

  test('is checked alike by both tools', () => {
    const set = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n'
    const multi = '*1\r\n$5\r\nMULTI\r\n'
    const contents = ['', set, `${set}!!!`, `${set}*3\r\n$3\r\nSE`, set + multi + set, `${multi}*`]
    const file = path.join(directory, 'one.aof')
    const gist = ({ status, stdout }: { status: number | null; stdout: string }) => {
      const lines = stdout.replace(/What was cut.*\n/, '').split('\n')
      // What exactly is wrong, and how many lines of it were read, each says in its own words.
      const kept = lines.filter((line) => !/^(0x|AOF .* format error)/.test(line))
      return { status, text: kept.join('\n').replace(/ok_up_to_line=\d+/, '') }
    }
    for (const content of contents) {
      for (const flags of [[], ['--fix']]) {
        fs.writeFileSync(file, content)
        const byRedis = gist(checkByRedis(file, ...flags))
        const leftByRedis = fs.readFileSync(file, 'latin1')
        fs.writeFileSync(file, content)
        expect(gist(checkByRedstart(file, ...flags)), JSON.stringify(content)).toEqual(byRedis)
        expect(fs.readFileSync(file, 'latin1')).toBe(leftByRedis)
      }
    }
  })

  test('is cut at a time alike by both tools', () => {
    const at = (second: number) => `#TS:${second}\r\n*1\r\n$8\r\nFLUSHALL\r\n`
    const file = path.join(directory, 'one.aof')
    for (const second of ['0', '1', '2', '5', 'x', '-1']) {
      const flags = ['--truncate-to-timestamp', second]
      fs.writeFileSync(file, at(1) + at(2) + at(4))
      const byRedis = checkByRedis(file, ...flags)
      const leftByRedis = fs.readFileSync(file, 'latin1')
      fs.writeFileSync(file, at(1) + at(2) + at(4))
      const { status, stdout } = checkByRedstart(file, ...flags)
      expect(stdout.replace(/^What was cut.*\n/m, ''), second).toBe(byRedis.stdout)
      expect(status).toBe(byRedis.status)
      expect(fs.readFileSync(file, 'latin1')).toBe(leftByRedis)
    }
  })
})
