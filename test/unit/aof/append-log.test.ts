import { describe, expect, test } from 'vitest'
import { AofDirectory } from '../../../src/aof/aof-directory.ts'
import { AppendLog } from '../../../src/aof/append-log.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'

const FILE = '/data/aof/log.aof.1.incr.aof'
const FIRST = '#CRC:0 0 '

/** An open log on a disk that can be broken, with a base that is empty. */
function openLog(policy: 'always' | 'everysec' | 'no' = 'everysec') {
  const disk = new SimulatedDisk({ directories: ['/data'] })
  const clock = new ManualClock(1_700_000_000_000)
  const lines: string[] = []
  const note = (_level: string, text: string) => lines.push(text)
  const directory = new AofDirectory({
    files: disk,
    directory: '/data',
    directoryName: 'aof',
    fileName: 'log.aof',
    hasChecksums: true,
    log: note,
  })
  const log = new AppendLog(clock, note)
  log.policy = policy
  directory.read()
  directory.beginRewrite(log)
  disk.put(directory.temporaryBasePath, 'REDIS0011')
  directory.finishRewrite(log, 'rdb')
  const content = () => disk.text(FILE)
  return { disk, clock, log, lines, directory, content }
}

describe('the append-only file', () => {
  test('begins with the line of an empty batch', () => {
    const { content, log } = openLog()
    expect(content()).toMatch(/^#CRC:0 0 [0-9a-f]{16}\r\n$/)
    expect(log.sizeBytes).toBe(content().length)
  })

  test('holds a batch a flush, followed by its line', () => {
    const { content, log } = openLog()
    log.select(0)
    log.appendCommand(['SET', 'k', Buffer.from([0xff])])
    expect(log.isEmpty).toBe(false)
    expect(content()).not.toContain('SET')
    expect(log.flush()).toBe(true)
    expect(log.isEmpty).toBe(true)
    const batch = '*2\r\n$6\r\nselect\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n\xff\r\n'
    expect(content().slice(27)).toMatch(
      new RegExp(`^${batch.replace(/[*$]/g, '\\$&')}#CRC:1 ${batch.length} [0-9a-f]{16}\\r\\n$`),
    )
    expect(log.sizeBytes).toBe(content().length)
  })

  test('names the database only where it changes, and again in a new file', () => {
    const { content, log, directory, disk } = openLog()
    for (const database of [1, 1, 2]) {
      log.select(database)
      log.appendCommand(['INCR', 'n'])
    }
    log.flush()
    expect(content().match(/select/g)).toHaveLength(2)
    disk.settle()
    directory.beginRewrite(log)
    log.select(2)
    log.appendCommand(['INCR', 'n'])
    log.flush()
    expect(disk.text('/data/aof/log.aof.2.incr.aof')).toContain('select\r\n$1\r\n2')
  })

  test('states the time before the first batch of a second, and never goes back', () => {
    const { content, clock, log } = openLog()
    log.hasTimestamps = true
    const write = (atMs: number) => {
      clock.nowMs = atMs
      log.select(0)
      log.appendCommand(['INCR', 'n'])
      log.flush()
    }
    for (const atMs of [5000, 5500, 4000, 6000]) write(atMs)
    expect(content().match(/#TS:\d+\r\n/g)).toEqual(['#TS:5\r\n', '#TS:6\r\n'])
    expect(content().slice(27)).toMatch(/^#TS:5\r\n\*2\r\n\$6\r\nselect/)
  })

  test('grows its buffer for large batches', () => {
    const { content, log } = openLog()
    const large = new Uint8Array(3_000_000).fill(120)
    log.append(large, new DataView(large.buffer), 0, large.length)
    log.append(large, new DataView(large.buffer), 0, 3)
    expect(log.flush()).toBe(true)
    expect(content()).toContain('#CRC:1 3000003 ')
  })
})

describe('syncing', () => {
  const write = (log: AppendLog) => {
    log.appendCommand(['INCR', 'n'])
    return log.flush()
  }

  test('always: what may be acknowledged is safe', () => {
    const { disk, log } = openLog('always')
    expect(write(log)).toBe(true)
    expect(disk.safeBytes(FILE)).toHaveLength(log.sizeBytes)
    expect(log.oldestUnsyncedMs()).toBe(0)
  })

  test('everysec: a sync is begun at most once a second, and what it covers is safe then', () => {
    const { disk, clock, log } = openLog()
    write(log)
    expect(disk.pendingCount).toBe(1)
    disk.settle()
    expect(disk.safeBytes(FILE)).toHaveLength(log.sizeBytes)
    clock.advance(300)
    write(log)
    clock.advance(300)
    expect(disk.pendingCount).toBe(0)
    expect(log.oldestUnsyncedMs()).toBe(300)
    clock.advance(400)
    log.tick()
    expect(disk.pendingCount).toBe(1)
    disk.settle()
    expect(log.oldestUnsyncedMs()).toBe(0)
    clock.advance(5000)
    log.tick()
    expect(disk.pendingCount).toBe(0)
  })

  test('everysec: writers wait when the oldest unsynced write is two seconds old', () => {
    const { disk, clock, log } = openLog()
    write(log)
    clock.advance(1900)
    write(log)
    expect(log.isBehind()).toBe(false)
    clock.advance(100)
    log.tick()
    expect(log.isBehind()).toBe(true)
    expect(log.delayedSyncs).toBe(1)
    disk.settle()
    expect(log.isBehind()).toBe(false)
    expect(log.oldestUnsyncedMs()).toBe(100)
  })

  test('a clock that is set back or forth changes nothing', () => {
    const { disk, clock, log } = openLog()
    write(log)
    disk.settle()
    clock.nowMs += 1e9
    write(log)
    expect(disk.pendingCount).toBe(0)
    expect(log.isBehind()).toBe(false)
    clock.nowMs -= 2e9
    clock.tickUs += 1e6
    log.tick()
    expect(disk.pendingCount).toBe(1)
  })

  test('pauses where a rewrite is not to be slowed down', () => {
    const { disk, clock, log } = openLog()
    log.pausesSyncs = true
    write(log)
    clock.advance(3000)
    log.tick()
    expect(disk.pendingCount).toBe(0)
    expect(log.isBehind()).toBe(false)
    log.pausesSyncs = false
    log.tick()
    expect(disk.pendingCount).toBe(1)
  })

  test('nothing is acknowledged under a new policy before an old sync has ended', () => {
    const { disk, log } = openLog()
    write(log)
    log.policy = 'always'
    expect(write(log)).toBe(false)
    disk.settle()
    expect(log.flush()).toBe(true)
    expect(disk.safeBytes(FILE)).toHaveLength(log.sizeBytes)
  })
})

describe('a disk that fails', () => {
  const append = (log: AppendLog) => log.appendCommand(['SET', 'key', 'x'.repeat(100)])

  test('full: the file is cut back, the batch kept, and writing goes on by itself', () => {
    const { disk, log, content, lines } = openLog()
    append(log)
    log.flush()
    disk.settle()
    const before = content()
    disk.capacityBytes = disk.usedBytes() + 50
    append(log)
    expect(log.flush()).toBe(false)
    expect(log.state).toBe('failing')
    expect(log.errorText).toBe('No space left on device')
    expect(content()).toBe(before)
    log.tick()
    expect(content()).toBe(before)
    disk.capacityBytes = Number.POSITIVE_INFINITY
    log.tick()
    expect(log.state).toBe('ok')
    expect(log.isEmpty).toBe(true)
    expect(content().length).toBeGreaterThan(before.length)
    expect(content()).toContain('#CRC:2 ')
    expect(lines.filter((line) => line.startsWith('Error writing'))).toHaveLength(1)
  })

  test('full during a sync: the torn end is cut off when the sync is over', () => {
    const { disk, log, content } = openLog()
    append(log)
    log.flush()
    const before = content()
    disk.capacityBytes = disk.usedBytes() + 50
    append(log)
    expect(log.flush()).toBe(false)
    expect(content()).not.toBe(before)
    disk.capacityBytes = Number.POSITIVE_INFINITY
    expect(log.flush()).toBe(false)
    disk.settle()
    expect(log.flush()).toBe(true)
    expect(content().startsWith(before)).toBe(true)
    expect(content().match(/#CRC/g)).toHaveLength(3)
  })

  test('short writes are carried on', () => {
    const { disk, log, content } = openLog()
    disk.writesAreShort = true
    append(log)
    expect(log.flush()).toBe(true)
    expect(content()).toContain(FIRST)
    expect(content()).toMatch(/#CRC:1 \d+ [0-9a-f]{16}\r\n$/)
  })

  test('always: a sync that fails acknowledges nothing any more', () => {
    const { disk, log } = openLog('always')
    disk.failNext('sync', 'EIO')
    append(log)
    expect(log.flush()).toBe(false)
    expect(log.state).toBe('untrusted')
    expect(log.errorText).toBe('Input/output error')
    expect(log.flush()).toBe(false)
  })

  test('everysec: a sync that fails leaves the file untrusted until there is a new base', () => {
    const { disk, log, directory, clock } = openLog()
    append(log)
    log.flush()
    disk.failNext('sync', 'EIO')
    disk.settle()
    expect(log.state).toBe('untrusted')
    clock.advance(5000)
    log.tick()
    expect(disk.pendingCount).toBe(0)
    directory.beginRewrite(log)
    expect(log.state).toBe('untrusted')
    expect(disk.text('/data/aof/log.aof.manifest')).not.toContain('log.aof.2.incr.aof')
    disk.put(directory.temporaryBasePath, 'REDIS0011 from memory')
    directory.finishRewrite(log, 'rdb')
    expect(log.state).toBe('ok')
    expect(disk.text('/data/aof/log.aof.manifest')).toMatch(
      /^#CRC.*\nfile log.aof.2.base.rdb seq 2 type b bytes 21\nfile log.aof.2.incr.aof seq 2 type i\n$/,
    )
  })

  test('whenSynced calls when all before is safe, and the rest can be synced at once', () => {
    const { disk, log, clock } = openLog()
    append(log)
    log.flush()
    append(log)
    log.flush()
    let calls = 0
    log.whenSynced(() => {
      calls++
      clock.advance(400)
      append(log)
      log.flush()
      expect(log.syncRest()).toBe(true)
      expect(disk.safeBytes(FILE)).toHaveLength(log.sizeBytes)
    })
    clock.advance(5000)
    disk.settle()
    expect(calls).toBe(1)
    clock.advance(5000)
    log.whenSynced(() => {
      append(log)
      log.flush()
      expect(log.syncRest()).toBe(true)
      calls++
    })
    expect(calls).toBe(2)
  })

  test('closing syncs, in a later turn if a sync is under way', () => {
    const { disk, log } = openLog()
    append(log)
    log.flush()
    append(log)
    expect(log.close()).toBe(true)
    expect(log.state).toBe('closed')
    const size = disk.text(FILE).length
    expect(disk.settle()).toBe(2)
    expect(disk.safeBytes(FILE)).toHaveLength(size)
    expect(disk.openFiles.size).toBe(0)
  })
})

describe('how long it takes', () => {
  /** Notes which events were measured. */
  function watch(log: AppendLog): string[] {
    const names: string[] = []
    log.timer = { start: () => 1, end: (name) => names.push(name) }
    return names
  }

  test('is measured of writes, and of syncs that a flush waits for', () => {
    const { log } = openLog('always')
    const names = watch(log)
    log.appendCommand(['INCR', 'n'])
    log.flush()
    expect(names).toEqual(['aof-write-alone', 'aof-write', 'aof-fsync-always'])
    log.flush()
    expect(names).toHaveLength(3)
  })

  test('has another name while something else keeps the disk busy', () => {
    const { clock, disk, log } = openLog()
    disk.later = 'held'
    const names = watch(log)
    clock.advance(2000)
    log.hasCompany = true
    log.appendCommand(['INCR', 'n'])
    log.flush()
    log.appendCommand(['INCR', 'n'])
    log.flush()
    expect(names).toEqual([
      'aof-write-active-child',
      'aof-write',
      'aof-write-pending-fsync',
      'aof-write',
    ])
  })
})
