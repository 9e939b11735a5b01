/** The simulated disk against a plain map of arrays, its faults, and its manners. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OpenFile } from '../../../src/platform/files.ts'
import { crash } from '../../support/crash-states.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'

const bytesOf = (text: string) => Buffer.from(text, 'latin1')

function writeAll(file: OpenFile, text: string): void {
  const bytes = bytesOf(text)
  for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length)
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  }
  return ''
}

const NAMES = ['/d/a', '/d/b', '/e/c']
const name = fc.constantFrom(...NAMES)
const step = fc.oneof(
  fc.record({ kind: fc.constant('append'), name, text: fc.string({ maxLength: 1500 }) }),
  fc.record({ kind: fc.constant('create'), name, text: fc.string({ maxLength: 100 }) }),
  fc.record({ kind: fc.constant('replace'), name, text: fc.string({ maxLength: 700 }) }),
  fc.record({ kind: fc.constant('truncate'), name, size: fc.nat(1600) }),
  fc.record({ kind: fc.constant('rename'), name, to: name }),
  fc.record({ kind: fc.constant('remove'), name }),
  fc.record({ kind: fc.constant('sync'), name }),
) as fc.Arbitrary<{ kind: string; name: string; text: string; size: number; to: string }>

/** Does a step to the disk and to the map, and says whether they answered alike. */
function apply(
  disk: SimulatedDisk,
  files: Map<string, Buffer>,
  one: typeof step extends fc.Arbitrary<infer T> ? T : never,
): void {
  const old = files.get(one.name)
  const text = Buffer.from(one.text ?? '', 'utf8')
  switch (one.kind) {
    case 'append':
      disk.appendFile(one.name, text)
      files.set(one.name, Buffer.concat([old ?? Buffer.alloc(0), text]))
      break
    case 'create':
      disk.writeFile(one.name, text)
      files.set(one.name, text)
      break
    case 'replace':
      disk.replaceFile(one.name, text)
      files.set(one.name, text)
      break
    case 'truncate': {
      const file = disk.open(one.name, 'append')
      file.truncate(one.size)
      file.close()
      const cut = Buffer.alloc(one.size)
      cut.set((old ?? Buffer.alloc(0)).subarray(0, one.size))
      files.set(one.name, cut)
      break
    }
    case 'rename':
      if (old === undefined) {
        expect(codeOf(() => disk.rename(one.name, one.to))).toBe('ENOENT')
        break
      }
      disk.rename(one.name, one.to)
      files.delete(one.name)
      files.set(one.to, old)
      break
    case 'remove':
      disk.remove(one.name)
      files.delete(one.name)
      break
    default: {
      if (old === undefined) break
      const file = disk.open(one.name, 'append')
      file.sync()
      file.close()
    }
  }
}

function contentsOf(files: Map<string, Uint8Array>): Record<string, string> {
  const texts = [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('hex')])
  return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)))
}

test('shows what a plain map of files would, and keeps it once all is synced', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, writesAreShort) => {
      const disk = new SimulatedDisk({ directories: ['/d', '/e'] })
      disk.writesAreShort = writesAreShort
      const files = new Map<string, Buffer>()
      for (const one of steps) apply(disk, files, one)
      expect(contentsOf(disk.contents())).toEqual(contentsOf(files))
      for (const path of NAMES) {
        expect(disk.exists(path)).toBe(files.has(path))
        if (!files.has(path)) continue
        const file = disk.open(path, 'append')
        file.sync()
        file.close()
      }
      disk.syncDirectory('/d')
      disk.syncDirectory('/e')
      for (const model of ['strict', 'ext4'] as const) {
        expect(contentsOf(crash(disk, 'least', model).contents())).toEqual(contentsOf(files))
      }
      expect(disk.openFiles.size).toBe(0)
    }),
    { seed: 4, numRuns: 300 },
  )
})

describe('faults', () => {
  test('an operation fails by its number, changes nothing, and is in the journal', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    disk.failAt(2, 'EIO')
    const file = disk.open('/d/a', 'create')
    expect(codeOf(() => writeAll(file, 'x'))).toBe('EIO')
    writeAll(file, 'y')
    expect(disk.text('/d/a')).toBe('y')
    expect(disk.journal.map(({ kind, error }) => `${kind}${error && ` ${error}`}`)).toEqual([
      'open',
      'write EIO',
      'write',
    ])
  })

  test('the next of a kind fails, of any path or of one', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    disk.put('/d/a', 'x')
    disk.failNext('rename', 'EACCES', '/d/c')
    disk.failNext('remove', 'EPERM')
    disk.rename('/d/a', '/d/b')
    expect(codeOf(() => disk.rename('/d/b', '/d/c'))).toBe('EACCES')
    expect(codeOf(() => disk.remove('/d/b'))).toBe('EPERM')
    expect(disk.text('/d/b')).toBe('x')
    disk.remove('/d/b')
    expect(disk.list('/d')).toEqual([])
  })

  test('a replacement that fails leaves the old file and nothing beside it', () => {
    for (const kind of ['open', 'write', 'sync', 'rename'] as const) {
      const disk = new SimulatedDisk()
      disk.put('/d/a', 'old')
      disk.failNext(kind, 'EIO')
      expect(codeOf(() => disk.replaceFile('/d/a', bytesOf('new')))).toBe('EIO')
      expect(disk.list('/d')).toEqual(['a'])
      expect(disk.text('/d/a')).toBe('old')
      disk.replaceFile('/d/a', bytesOf('new'))
      expect(Buffer.from(disk.safeBytes('/d/a')!).toString()).toBe('new')
    }
  })

  test('a full disk takes what it can, then refuses, and goes on when there is room', () => {
    const disk = new SimulatedDisk()
    disk.put('/d/old', 'x'.repeat(60))
    disk.capacityBytes = 100
    const file = disk.open('/d/a', 'create')
    const bytes = new Uint8Array(64)
    expect(file.write(bytes, 0, 64)).toBe(40)
    expect(codeOf(() => file.write(bytes, 40, 64))).toBe('ENOSPC')
    disk.remove('/d/old')
    expect(file.write(bytes, 40, 64)).toBe(24)
    expect(file.size()).toBe(64)
  })

  test('what a removed file holds is free when it is closed', () => {
    const disk = new SimulatedDisk()
    disk.put('/d/a', 'x'.repeat(60))
    const file = disk.open('/d/a', 'read')
    disk.remove('/d/a')
    expect(disk.usedBytes()).toBe(60)
    file.close()
    expect(disk.usedBytes()).toBe(0)
  })

  test('after a sync has failed nothing in that file is safe, though later ones succeed', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    const file = disk.open('/d/a', 'create')
    disk.syncDirectory('/d')
    writeAll(file, 'one')
    file.sync()
    writeAll(file, 'two')
    disk.failNext('sync', 'EIO')
    expect(codeOf(() => file.sync())).toBe('EIO')
    file.sync()
    expect(disk.text('/d/a')).toBe('onetwo')
    expect(crash(disk, 'least').text('/d/a')).toBe('one')
  })

  test('a broken path fails whatever is done to it', () => {
    const disk = new SimulatedDisk()
    disk.put('/d/a', 'x')
    disk.broken.set('/d/a', 'EACCES')
    expect(codeOf(() => disk.readFile('/d/a'))).toBe('EACCES')
    expect(codeOf(() => disk.open('/d/a', 'read'))).toBe('EACCES')
    expect(codeOf(() => disk.replaceFile('/d/a', bytesOf('y')))).toBe('EACCES')
  })
})

describe('operations off the thread', () => {
  test('are done when the test says so', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    const file = disk.open('/d/a', 'create')
    disk.syncDirectory('/d')
    const log: string[] = []
    file.writeLater(bytesOf('abc'), 0, 3, (error) => log.push(`write ${error}`))
    expect(disk.text('/d/a')).toBe('')
    expect(disk.settle()).toBe(1)
    file.syncLater((error) => log.push(`sync ${error}`))
    writeAll(file, 'd')
    expect(disk.pendingCount).toBe(1)
    disk.settle()
    expect(log).toEqual(['write null', 'sync null'])
    expect(disk.text('/d/a')).toBe('abcd')
    expect(crash(disk, 'least').text('/d/a')).toBe('abc')
  })

  test('hand their errors to the callback', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    const file = disk.open('/d/a', 'create')
    disk.capacityBytes = 2
    let error: NodeJS.ErrnoException | null = null
    file.writeLater(bytesOf('abc'), 0, 3, (thrown) => {
      error = thrown
    })
    disk.settle()
    expect(error).toMatchObject({ code: 'ENOSPC' })
    expect(disk.text('/d/a')).toBe('ab')
  })

  test('are done soon where the test does not care', async () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    disk.later = 'soon'
    const file = disk.open('/d/a', 'create')
    let done = false
    file.syncLater(() => {
      done = true
    })
    expect(done).toBe(false)
    await Promise.resolve()
    expect(done).toBe(true)
  })

  test('leave the file alone meanwhile, but for writes beside a sync', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    const file = disk.open('/d/a', 'create')
    const ignore = () => undefined
    file.syncLater(ignore)
    writeAll(file, 'x')
    expect(codeOf(() => file.sync())).toContain('under way')
    expect(codeOf(() => file.truncate(0))).toContain('under way')
    disk.settle()
    file.writeLater(bytesOf('y'), 0, 1, ignore)
    expect(codeOf(() => writeAll(file, 'z'))).toContain('under way')
    expect(codeOf(() => file.syncLater(ignore))).toContain('under way')
    file.close()
    expect(codeOf(() => file.close())).toBe('EBADF')
    disk.settle()
    expect(disk.text('/d/a')).toBe('xy')
  })
})

test('answers as a system does where something is not there or of the wrong kind', () => {
  const disk = new SimulatedDisk()
  disk.put('/d/a', 'x')
  expect(codeOf(() => disk.open('/d/b', 'read'))).toBe('ENOENT')
  expect(codeOf(() => disk.open('/x/b', 'create'))).toBe('ENOENT')
  expect(codeOf(() => disk.open('/d/a/b', 'create'))).toBe('ENOTDIR')
  expect(codeOf(() => disk.open('/d', 'append'))).toBe('EISDIR')
  expect(codeOf(() => disk.rename('/d/a', '/d'))).toBe('EISDIR')
  expect(codeOf(() => disk.rename('/d/a', '/x/a'))).toBe('ENOENT')
  expect(codeOf(() => disk.list('/x'))).toBe('ENOENT')
  expect(codeOf(() => disk.makeDirectory('/d/a'))).toBe('EEXIST')
  expect(codeOf(() => disk.open('/d/a', 'read').write(bytesOf('x'), 0, 1))).toBe('EBADF')
  disk.remove('/d/none')
  disk.makeDirectory('/d/x/y')
  expect(disk.list('/d')).toEqual(['a', 'x'])
})
