import { describe, expect, test } from 'vitest'
import { AofError } from '../../../src/aof/aof-error.ts'
import { AppendLog } from '../../../src/aof/append-log.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { type CrashModel, crashStates } from '../../support/crash-states.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'
import {
  DIRECTORY,
  directoryOn,
  finishRewrite,
  load,
  MANIFEST,
  openLog,
  request,
} from './log-fixture.ts'

const manifestOf = (disk: SimulatedDisk) =>
  disk
    .text(MANIFEST)
    .replace(/^#.*\n/, '')
    .replace(/ bytes \d+/g, '')
    .replace(/log\.aof\./g, '')

describe('the directory of the log', () => {
  test('is made, with a base and an incremental file', () => {
    const { disk } = openLog()
    expect(manifestOf(disk)).toBe('file 1.base.rdb seq 1 type b\nfile 1.incr.aof seq 1 type i\n')
    expect(disk.list(DIRECTORY)).toEqual([
      'log.aof.1.base.rdb',
      'log.aof.1.incr.aof',
      'log.aof.manifest',
    ])
  })

  test('a rewrite goes from file to file as in Redis', () => {
    const { disk, directory, log } = openLog()
    directory.beginRewrite(log)
    expect(manifestOf(disk)).toBe(
      'file 1.base.rdb seq 1 type b\nfile 1.incr.aof seq 1 type i\nfile 2.incr.aof seq 2 type i\n',
    )
    finishRewrite(disk, directory, log)
    expect(manifestOf(disk)).toBe('file 2.base.rdb seq 2 type b\nfile 2.incr.aof seq 2 type i\n')
    disk.settle()
    expect(disk.list(DIRECTORY)).toHaveLength(3)
    expect(disk.openFiles.size).toBe(1)
  })

  test('keeps history where it is told to', () => {
    const { disk, directory, log } = openLog()
    directory.keepsHistory = true
    directory.beginRewrite(log)
    finishRewrite(disk, directory, log)
    expect(manifestOf(disk)).toBe(
      'file 2.base.rdb seq 2 type b\nfile 1.incr.aof seq 1 type h\n' +
        'file 1.base.rdb seq 1 type h\nfile 2.incr.aof seq 2 type i\n',
    )
    expect(disk.list(DIRECTORY)).toHaveLength(5)
    const again = directoryOn(disk)
    again.read()
    again.cleanUp()
    expect(disk.list(DIRECTORY)).toHaveLength(3)
  })

  test('a rewrite that is given up leaves both incremental files', () => {
    const { disk, directory, log, lines } = openLog()
    directory.beginRewrite(log)
    disk.put(directory.temporaryBasePath, 'half')
    directory.abandonRewrite(log)
    expect(manifestOf(disk)).toContain('2.incr.aof seq 2 type i')
    expect(disk.exists(directory.temporaryBasePath)).toBe(false)
    expect(log.state).toBe('ok')
    expect(lines.join()).not.toContain('Removing the temp incr')
    directory.beginRewrite(log)
    finishRewrite(disk, directory, log)
    expect(manifestOf(disk)).toBe('file 2.base.rdb seq 2 type b\nfile 3.incr.aof seq 3 type i\n')
  })

  test('a first rewrite that is given up leaves nothing', () => {
    const disk = new SimulatedDisk({ directories: ['/data'] })
    const lines: string[] = []
    const directory = directoryOn(disk, lines)
    const log = new AppendLog(new ManualClock(), () => undefined)
    directory.read()
    directory.beginRewrite(log)
    directory.abandonRewrite(log)
    expect(disk.list(DIRECTORY)).toEqual([])
    expect(log.state).toBe('closed')
    expect(lines.at(-1)).toContain('Removing the temp incr aof file log.aof.1.incr.aof')
  })

  test('a base alone is written while there is no log', () => {
    const { disk, directory, log } = openLog()
    log.close()
    directory.beginRewrite(null)
    finishRewrite(disk, directory, null)
    expect(manifestOf(disk)).toBe('file 2.base.rdb seq 2 type b\n')
  })

  test('a log of Redis before 7 becomes the base, however often that is begun', () => {
    const disk = new SimulatedDisk({ directories: ['/data'] })
    disk.put('/data/log.aof', request('SET', 'a', '1'))
    disk.failNext('rename', 'EIO', `${DIRECTORY}/log.aof`)
    const lines: string[] = []
    expect(() => directoryOn(disk).read()).toThrow(/Error trying to move the old AOF file/)
    directoryOn(disk, lines).read()
    expect(lines[0]).toContain('Successfully migrated an old-style AOF file (log.aof)')
    const { commands, loader, directory } = load(disk)
    expect(commands).toEqual(['SET a 1'])
    directory.openForAppend(loader.end)
    expect(manifestOf(disk)).toBe('file log.aof seq 1 type b\nfile 1.incr.aof seq 1 type i\n')
  })

  test('an old log is left alone when there is a new one', () => {
    const { disk } = openLog()
    disk.put('/data/log.aof', request('SET', 'a', '1'))
    expect(load(disk).commands).toEqual([])
  })

  test('what a crash left is cleaned up', () => {
    const { disk, directory } = openLog()
    for (const name of [
      'log.aof.manifest.tmp-1',
      'temp-rewriteaof-bg-1.aof',
      'temp-log.aof.incr',
    ]) {
      disk.put(`${DIRECTORY}/${name}`, 'x')
    }
    disk.put(`${DIRECTORY}/notes.txt`, 'x')
    directory.cleanUp()
    expect(disk.list(DIRECTORY)).toHaveLength(4)
  })

  test('is as Redis writes it, where checksums are off', () => {
    const { disk, log, content } = openLog('everysec', false)
    log.appendCommand(['SET', 'a', '1'])
    log.flush()
    expect(content()).toBe(request('SET', 'a', '1'))
    expect(disk.text(MANIFEST)).toBe(
      'file log.aof.1.base.rdb seq 1 type b\nfile log.aof.1.incr.aof seq 1 type i\n',
    )
    const { loader } = load(disk)
    const again = directoryOn(disk, [], false)
    again.read()
    const end = again.openForAppend(loader.end)
    expect(end.size).toBe(content().length)
    expect(disk.text(MANIFEST)).not.toContain('2.incr')
  })
})

/** What a server does of itself: appends, two rewrites, one given up, a restart. */
class Scenario {
  readonly disk = new SimulatedDisk({ directories: ['/data'] })
  readonly clock = new ManualClock()
  /** How much was appended, and how much of that was acknowledged under `always`. */
  appended = 0
  acknowledged = 0
  log = new AppendLog(this.clock, () => undefined)
  private directory = directoryOn(this.disk)
  private readonly policy: 'always' | 'everysec'

  constructor(policy: 'always' | 'everysec') {
    this.policy = policy
  }

  run(): void {
    this.start()
    this.write(3)
    this.rewrite(true)
    this.write(2)
    this.rewrite(false)
    this.write(2)
    this.log.close()
    this.disk.settle()
    this.start()
    this.write(1)
    this.rewrite(true)
    this.write(1)
  }

  private start(): void {
    this.log = new AppendLog(this.clock, () => undefined)
    this.log.policy = this.policy
    const { loader, directory } = load(this.disk)
    this.directory = directory
    if (directory.manifest.isEmpty) this.rewrite(true)
    else this.log.switchTo(directory.openForAppend(loader.end))
    directory.cleanUp()
  }

  private write(count: number): void {
    for (let i = 0; i < count; i++) {
      this.log.appendCommand(['ADD', String(++this.appended), 'x'.repeat(150 * (i % 3))])
      const isSafe = this.log.isOpen && this.log.flush() && this.policy === 'always'
      if (isSafe) this.acknowledged = this.appended
      if (this.log.state === 'untrusted' && this.policy === 'always') throw new AofError('exit', '')
      this.clock.advance(600)
      if (i % 2 === 1 && this.disk.pendingCount > 0) {
        this.disk.settle()
      }
    }
  }

  private rewrite(isFinished: boolean): void {
    this.disk.settle()
    // A log that is new keeps what it is given once its base is there.
    const isNew = !this.log.isOpen
    try {
      this.directory.beginRewrite(this.log)
      const state = Array.from({ length: this.appended }, (_, i) => `ADD ${i + 1};`).join('')
      if (!isNew) this.write(1)
      if (isFinished) finishRewrite(this.disk, this.directory, this.log, state)
    } catch (error) {
      if (!(error instanceof AofError) || error.message === 'exit') throw error
    }
    this.disk.settle()
    if (this.directory.isRewriting) this.directory.abandonRewrite(this.log)
  }

  /** Loads a disk and holds what is there against what was done. @returns false if refused */
  holds(disk: SimulatedDisk, message: string): boolean {
    let commands: string[]
    try {
      commands = load(disk).commands
    } catch (error) {
      if (!(error instanceof AofError)) throw error
      return false
    }
    const numbers = commands.map((command) => Number(command.split(' ')[1]))
    expect(numbers, message).toEqual(numbers.map((_, i) => i + 1))
    expect(numbers.length, message).toBeGreaterThanOrEqual(this.acknowledged)
    expect(numbers.length, message).toBeLessThanOrEqual(this.appended)
    return true
  }
}

describe('a crash', () => {
  test.each<[CrashModel, 'always' | 'everysec']>([
    ['strict', 'always'],
    ['ext4', 'always'],
    ['strict', 'everysec'],
    ['ext4', 'everysec'],
  ])('after any operation leaves what loads (%s, %s)', (model, policy) => {
    const scenario = new Scenario(policy)
    let states = 0
    let refused = 0
    scenario.disk.onOperation = ({ number, kind }) => {
      if (kind === 'read' || kind === 'list') return
      for (const after of crashStates(scenario.disk, { model, count: 20, seed: number })) {
        states++
        if (!scenario.holds(after, `after operation ${number}, ${kind}`)) refused++
      }
    }
    scenario.run()
    expect(scenario.appended).toBeGreaterThan(9)
    expect(states).toBeGreaterThan(100)
    // Under everysec a later batch may be on the disk without an earlier one.
    if (policy === 'always' || model === 'ext4') expect(refused).toBe(0)
  })
})

describe('an operation that fails', () => {
  test.each(['always', 'everysec'] as const)('leaves what loads (%s)', (policy) => {
    const count = new Scenario(policy)
    count.run()
    const operations = count.disk.journal.length
    let failures = 0
    for (let number = 1; number <= operations; number++) {
      const scenario = new Scenario(policy)
      scenario.disk.failAt(number, 'EIO')
      try {
        scenario.run()
      } catch (error) {
        // Starting may fail, as whatever reads the disk then does.
        failures++
        const isExpected = error instanceof AofError || (error as { code?: string }).code === 'EIO'
        if (!isExpected) throw error
      }
      const failed = scenario.disk.journal[number - 1]
      const what = `operation ${number}, ${failed.kind} of ${failed.path}`
      expect(scenario.holds(scenario.disk, what), what).toBe(true)
      const { loader, directory } = load(scenario.disk)
      if (!directory.manifest.isEmpty) directory.openForAppend(loader.end)
      for (const after of crashStates(scenario.disk, { count: 20, seed: number })) {
        const isLoaded = scenario.holds(after, what)
        // A file whose sync has failed can hold anything.
        if (failed.kind !== 'sync') expect(isLoaded, what).toBe(true)
      }
    }
    expect(failures).toBeLessThan(operations / 2)
  })
})
