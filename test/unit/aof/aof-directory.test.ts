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
  writeBase,
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

describe('a rewrite off the command thread', () => {
  /** Does what waits for the disk, one after the other. */
  const settle = (disk: SimulatedDisk) => {
    while (disk.pendingCount > 0) disk.settle(1)
  }
  const append = (log: AppendLog, value: string) => {
    log.appendCommand(['SET', 'k', value])
    log.flush()
  }

  test('goes on in the old file until it is begun, and waits for nothing then', () => {
    const { disk, directory, log } = openLog('no')
    const errors: unknown[] = []
    directory.prepareRewriteLater(log, (error) => errors.push(error))
    append(log, '1')
    expect(directory.isBusy).toBe(true)
    expect(() => directory.finishRewrite(log, 'rdb')).toThrow(/Another step is under way/)
    settle(disk)
    append(log, '2')
    expect(errors).toEqual([null])
    expect(manifestOf(disk)).toContain('2.incr.aof seq 2 type i')
    expect(load(disk).commands).toEqual(['SET k 1', 'SET k 2'])
    const before = disk.journal.length
    directory.switchLog(log)
    expect(disk.journal.slice(before).map(({ kind }) => kind)).toEqual(['sync', 'close'])
    append(log, '3')
    directory.stateLengthLater()
    settle(disk)
    expect(disk.text(MANIFEST)).toMatch(/1\.incr\.aof seq 1 type i bytes \d+\n/)
    const base = disk.open(directory.temporaryBasePath, 'create')
    base.write(Buffer.from('REDIS0011SET k 2;'), 0, 17)
    base.sync()
    base.close()
    directory.finishRewriteLater(log, 'rdb', (error) => errors.push(error))
    append(log, '4')
    expect(errors).toHaveLength(1)
    settle(disk)
    expect(errors).toEqual([null, null])
    expect(manifestOf(disk)).toBe('file 2.base.rdb seq 2 type b\nfile 2.incr.aof seq 2 type i\n')
    expect(load(disk).commands).toEqual(['SET k 2', 'SET k 3', 'SET k 4'])
    expect(disk.list(DIRECTORY)).toHaveLength(3)
  })

  test('a torn end is cut off though the next file is there, which is gone on in then', () => {
    const { disk, directory, log, content } = openLog('no')
    directory.prepareRewriteLater(log, () => undefined)
    settle(disk)
    append(log, '1')
    append(log, '2')
    disk.put(`${DIRECTORY}/log.aof.1.incr.aof`, content().slice(0, -3))
    const { commands, loader, directory: again } = load(disk)
    expect(commands).toEqual(['SET k 1'])
    expect(again.openForAppend(loader.end).file.path).toContain('log.aof.2.incr.aof')
  })

  test('keeps what was prepared when the log cannot be written', () => {
    const { disk, directory, log } = openLog('no')
    directory.prepareRewriteLater(log, () => undefined)
    settle(disk)
    disk.capacityBytes = disk.usedBytes()
    append(log, '1')
    expect(() => directory.switchLog(log)).toThrow(/No space left on device/)
    directory.abandonRewrite(log)
    disk.capacityBytes = Number.POSITIVE_INFINITY
    log.tick()
    expect(load(disk).commands).toEqual(['SET k 1'])
    let isPrepared = false
    directory.prepareRewriteLater(log, (error) => {
      isPrepared = error === null
    })
    expect(isPrepared).toBe(true)
    directory.switchLog(log)
    expect(manifestOf(disk)).not.toContain('3.incr')
    expect(disk.openFiles.size).toBe(1)
  })

  test('what was prepared for a trusted log is not used for one that is not', () => {
    const { disk, directory, log } = openLog()
    directory.prepareRewriteLater(log, () => undefined)
    settle(disk)
    append(log, '1')
    disk.failNext('sync', 'EIO')
    settle(disk)
    expect(log.state).toBe('untrusted')
    expect(() => directory.switchLog(log)).toThrow(/cannot be written/)
    directory.prepareRewriteLater(log, () => undefined)
    settle(disk)
    directory.switchLog(log)
    expect(manifestOf(disk)).not.toContain('3.incr')
    finishRewrite(disk, directory, log)
    expect(manifestOf(disk)).toBe('file 2.base.rdb seq 2 type b\nfile 3.incr.aof seq 3 type i\n')
    expect(log.state).toBe('ok')
    disk.settle()
    expect(disk.openFiles.size).toBe(1)
  })

  test('what was prepared and is not wanted goes, unless the manifest lists it', () => {
    const disk = new SimulatedDisk({ directories: ['/data'] })
    const directory = directoryOn(disk)
    const log = new AppendLog(new ManualClock(), () => undefined)
    directory.read()
    directory.prepareRewriteLater(log, () => directory.dropPrepared())
    const order: string[] = []
    directory.whenIdle(() => order.push('idle'))
    order.push('begun')
    settle(disk)
    expect(order).toEqual(['begun', 'idle'])
    expect(disk.list(DIRECTORY)).toEqual([])
    expect(disk.openFiles.size).toBe(0)
  })

  test('every operation that fails is told, and the log goes on', () => {
    for (let fault = 1, isOver = false; !isOver; fault++) {
      const { disk, directory, log } = openLog('no')
      disk.failAt(disk.journal.length + fault, 'EIO')
      const count = disk.journal.length + fault
      let failure: unknown
      directory.prepareRewriteLater(log, (error) => {
        failure = error
      })
      settle(disk)
      isOver = disk.journal.length < count
      expect(failure instanceof AofError, `operation ${fault}`).toBe(!isOver && failure !== null)
      append(log, String(fault))
      directory.prepareRewriteLater(log, (error) => {
        expect(error, `operation ${fault}`).toBe(null)
      })
      settle(disk)
      directory.switchLog(log)
      finishRewrite(disk, directory, log, `SET k ${fault};`)
      expect(load(disk).commands).toEqual([`SET k ${fault}`])
    }
  })
})

/**
 * What a server does of itself: appends, two rewrites, one given up, a restart. Rewrites wait for
 * the disk on the thread or off it; in the latter case something is written between any two waits.
 */
class Scenario {
  readonly disk = new SimulatedDisk({ directories: ['/data'] })
  readonly clock = new ManualClock()
  /** How much was appended, and how much of that was acknowledged under `always`. */
  appended = 0
  acknowledged = 0
  log = new AppendLog(this.clock, () => undefined)
  private directory = directoryOn(this.disk)
  private readonly policy: 'always' | 'everysec'
  private readonly isOffThread: boolean

  constructor(policy: 'always' | 'everysec', isOffThread: boolean) {
    this.policy = policy
    this.isOffThread = isOffThread
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
      if (this.isOffThread && !isNew) {
        this.rewriteOffThread(isFinished)
      } else {
        this.directory.beginRewrite(this.log)
        const state = this.state()
        if (!isNew) this.write(1)
        if (isFinished) finishRewrite(this.disk, this.directory, this.log, state)
      }
    } catch (error) {
      if (!(error instanceof AofError) || error.message === 'exit') throw error
    }
    this.disk.settle()
    if (this.directory.isRewriting) this.directory.abandonRewrite(this.log)
  }

  /** What a snapshot says of all that was appended. */
  private state(): string {
    return Array.from({ length: this.appended }, (_, i) => `ADD ${i + 1};`).join('')
  }

  private rewriteOffThread(isFinished: boolean): void {
    const { directory, disk, log } = this
    this.wait((done) => directory.prepareRewriteLater(log, done))
    this.wait((done) => log.whenSynced(() => done(null)))
    disk.settle()
    directory.switchLog(log)
    const state = this.state()
    directory.stateLengthLater()
    this.write(1)
    while (directory.isBusy) disk.settle(1)
    if (!isFinished) return
    writeBase(disk, directory, state)
    this.wait((done) => directory.finishRewriteLater(log, 'rdb', done))
  }

  /** Lets a step come to its end, with writes in between. @throws what it failed with */
  private wait(step: (done: (error: unknown) => void) => void): void {
    let failure: unknown
    let isOver = false
    step((error) => {
      failure = error
      isOver = true
    })
    while (!isOver) {
      if (this.appended < 60 && this.log.state === 'ok') this.write(1)
      this.disk.settle(1)
    }
    if (failure !== null) throw failure
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
  test.each<[CrashModel, 'always' | 'everysec', 'on' | 'off']>([
    ['strict', 'always', 'on'],
    ['ext4', 'always', 'on'],
    ['strict', 'everysec', 'on'],
    ['ext4', 'everysec', 'on'],
    ['strict', 'always', 'off'],
    ['ext4', 'always', 'off'],
    ['strict', 'everysec', 'off'],
    ['ext4', 'everysec', 'off'],
  ])('after any operation leaves what loads (%s, %s, %s the thread)', (model, policy, where) => {
    const scenario = new Scenario(policy, where === 'off')
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
  test.each([
    ['always', 'on'],
    ['everysec', 'on'],
    ['always', 'off'],
    ['everysec', 'off'],
  ] as const)('leaves what loads (%s, %s the thread)', (policy, where) => {
    const count = new Scenario(policy, where === 'off')
    count.run()
    const operations = count.disk.journal.length
    let failures = 0
    for (let number = 1; number <= operations; number++) {
      const scenario = new Scenario(policy, where === 'off')
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
