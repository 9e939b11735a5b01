/** The machine's own disk behind the file interface, in a directory of its own. */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type OpenFile, SystemFiles } from '../../../src/platform/files.ts'

const files = new SystemFiles()
const bytesOf = (text: string) => Buffer.from(text, 'latin1')
const isWindows = process.platform === 'win32'

let directory = ''
let path = ''

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'redstart-files-'))
  path = join(directory, 'a')
})

afterEach(() => {
  vi.restoreAllMocks()
  fs.rmSync(directory, { recursive: true })
})

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
  return ''
}

function write(file: OpenFile, text: string): void {
  const bytes = bytesOf(text)
  for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length)
}

function textOf(name: string): string {
  return fs.readFileSync(name, 'latin1')
}

/**
 * Descriptors of the directory and what is in it; -1 where the system does not show them. What else
 * is open in the process comes and goes in its own time.
 */
function descriptorCount(): number {
  const folder = '/proc/self/fd'
  if (!fs.existsSync(folder)) return -1
  const own = fs.realpathSync(directory)
  return fs.readdirSync(folder).filter((name) => openFile(join(folder, name)).startsWith(own))
    .length
}

/** Where a link leads; '' if it has gone. */
function openFile(link: string): string {
  try {
    return fs.readlinkSync(link)
  } catch {
    return ''
  }
}

function later(begin: (done: (error: NodeJS.ErrnoException | null) => void) => void) {
  return new Promise<NodeJS.ErrnoException | null>((resolve) => {
    begin(resolve)
  })
}

describe('an open file', () => {
  test('is begun anew, gone on with, or only read', () => {
    for (const [mode, text] of [
      ['create', 'one'],
      ['append', 'onetwo'],
      ['create', 'three'],
    ] as const) {
      const file = files.open(path, mode)
      write(file, text.slice(mode === 'append' ? 3 : 0))
      file.sync()
      expect(file.size()).toBe(text.length)
      file.close()
      expect(textOf(path)).toBe(text)
    }
    const reader = files.open(path, 'read')
    expect(codeOf(() => write(reader, 'x'))).not.toBe('')
    reader.close()
    expect(codeOf(() => files.open(join(directory, 'none'), 'read'))).toBe('ENOENT')
    expect(codeOf(() => files.open(join(directory, 'none', 'a'), 'create'))).toBe('ENOENT')
  })

  test('reads from any place, and as much as there is', () => {
    fs.writeFileSync(path, 'abcdef')
    const file = files.open(path, 'append')
    const bytes = Buffer.from('........')
    expect(file.read(bytes, 1, 3, 2)).toBe(3)
    expect(bytes.toString()).toBe('.cde....')
    expect(file.read(bytes, 0, 8, 4)).toBe(2)
    expect(file.read(bytes, 0, 8, 6)).toBe(0)
    write(file, 'g')
    expect(file.read(bytes, 0, 8, 0)).toBe(7)
    file.close()
  })

  test('goes on at the end after a cut, without a hole', () => {
    const file = files.open(path, 'create')
    write(file, 'abcdef')
    file.truncate(2)
    write(file, 'xy')
    expect(textOf(path)).toBe('abxy')
    file.truncate(0)
    write(file, 'z')
    file.sync()
    file.close()
    expect(textOf(path)).toBe('z')
  })

  test('says how much a short write took, and goes on from there', () => {
    const file = files.open(path, 'create')
    const real = fs.writeSync
    const short = ((fd: number, bytes: Uint8Array, start: number, length: number, at: number) =>
      real(fd, bytes, start, Math.min(length, 2), at)) as typeof fs.writeSync
    vi.spyOn(fs, 'writeSync').mockImplementation(short)
    expect(file.write(bytesOf('abcde'), 0, 5)).toBe(2)
    write(file, 'cde')
    file.close()
    expect(textOf(path)).toBe('abcde')
  })

  test('takes only a gigabyte at a time', () => {
    const file = files.open(path, 'create')
    const lengths: number[] = []
    vi.spyOn(fs, 'writeSync').mockImplementation(((...args: unknown[]) => {
      lengths.push(args[3] as number)
      return 0
    }) as typeof fs.writeSync)
    file.write(new Uint8Array(0), 0, 2 ** 32)
    expect(lengths).toEqual([2 ** 30])
    file.close()
  })

  test('writes and syncs off the thread', async () => {
    const file = files.open(path, 'create')
    write(file, 'a')
    let isLater = false
    const written = later((done) => file.writeLater(bytesOf('.bcd.'), 1, 4, done))
    isLater = true
    expect(await written).toBeNull()
    expect(isLater).toBe(true)
    write(file, 'e')
    expect(await later((done) => file.syncLater(done))).toBeNull()
    expect(await later((done) => file.writeLater(bytesOf(''), 0, 0, done))).toBeNull()
    file.close()
    expect(textOf(path)).toBe('abcde')
  })

  test('writes all of it off the thread when writes come short, and tells errors', async () => {
    const file = files.open(path, 'create')
    const real = fs.write
    type Write = (fd: number, b: Uint8Array, s: number, n: number, at: number, d: unknown) => void
    const short: Write = (fd, bytes, start, length, at, done) =>
      (real as unknown as Write)(fd, bytes, start, Math.min(length, 2), at, done)
    vi.spyOn(fs, 'write').mockImplementation(short as unknown as typeof fs.write)
    expect(await later((done) => file.writeLater(bytesOf('abcde'), 0, 5, done))).toBeNull()
    expect(textOf(path)).toBe('abcde')
    file.close()
    const reader = files.open(path, 'read')
    const error = await later((done) => reader.writeLater(bytesOf('x'), 0, 1, done))
    expect(error?.code).toBeDefined()
    reader.close()
  })

  test('is closed when what is under way is done, not before', async () => {
    const before = descriptorCount()
    const file = files.open(path, 'create')
    const bytes = new Uint8Array(8 << 20).fill(120)
    const written = later((done) => file.writeLater(bytes, 0, bytes.length, done))
    file.close()
    expect(await written).toBeNull()
    expect(fs.statSync(path).size).toBe(bytes.length)
    expect(descriptorCount()).toBe(before)
  })

  // Only Linux has a device that is always full.
  test.skipIf(!fs.existsSync('/dev/full'))('tells that the disk is full', async () => {
    const file = files.open('/dev/full', 'append')
    expect(codeOf(() => write(file, 'x'))).toBe('ENOSPC')
    const error = await later((done) => file.writeLater(bytesOf('x'), 0, 1, done))
    expect(error?.code).toBe('ENOSPC')
    file.close()
  })
})

describe('a whole file', () => {
  test('is replaced, and all of it written though writes come short', () => {
    fs.writeFileSync(path, 'old')
    const real = fs.writeSync
    const short = ((fd: number, bytes: Uint8Array, start: number, length: number, at: number) =>
      real(fd, bytes, start, Math.min(length, 2), at)) as typeof fs.writeSync
    vi.spyOn(fs, 'writeSync').mockImplementation(short)
    files.replaceFile(path, bytesOf('new content'))
    expect(textOf(path)).toBe('new content')
    expect(fs.readdirSync(directory)).toEqual(['a'])
  })

  test('is left alone by a replacement that fails, which leaves nothing behind', () => {
    fs.writeFileSync(path, 'old')
    const before = descriptorCount()
    const failure = Object.assign(new Error('EIO'), { code: 'EIO' })
    for (const name of ['writeSync', 'fdatasyncSync', 'renameSync'] as const) {
      const spy = vi.spyOn(fs, name).mockImplementation(() => {
        throw failure
      })
      expect(codeOf(() => files.replaceFile(path, bytesOf('new')))).toBe('EIO')
      spy.mockRestore()
      expect(textOf(path)).toBe('old')
      expect(fs.readdirSync(directory)).toEqual(['a'])
    }
    expect(descriptorCount()).toBe(before)
  })

  test('is written, appended to, read, renamed and removed', () => {
    files.writeFile(path, bytesOf('abc'))
    files.appendFile(path, bytesOf('def'))
    const other = join(directory, 'b')
    files.writeFile(other, bytesOf('old'))
    files.rename(path, other)
    expect(Buffer.from(files.readFile(other)).toString()).toBe('abcdef')
    expect(files.exists(path)).toBe(false)
    expect(codeOf(() => files.rename(path, other))).toBe('ENOENT')
    files.remove(other)
    files.remove(other)
    expect(files.list(directory)).toEqual([])
  })
})

describe('a directory', () => {
  test('is made with those above it, listed, and told from a file', () => {
    const deep = join(directory, 'x', 'y')
    files.makeDirectory(deep)
    files.makeDirectory(deep)
    files.writeFile(join(deep, 'f'), bytesOf(''))
    expect(files.list(deep)).toEqual(['f'])
    expect(files.isDirectory(deep)).toBe(true)
    expect(files.isDirectory(join(deep, 'f'))).toBe(false)
    expect(files.isDirectory(join(deep, 'none'))).toBe(false)
    expect(codeOf(() => files.makeDirectory(join(deep, 'f')))).toBe('EEXIST')
    expect(codeOf(() => files.remove(deep))).not.toBe('')
  })

  test('is synced, or its absence told', () => {
    const before = descriptorCount()
    files.syncDirectory(directory)
    if (!isWindows) {
      expect(codeOf(() => files.syncDirectory(join(directory, 'none')))).toBe('ENOENT')
    }
    const failWith = (code: string) => {
      const spy = vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
        throw Object.assign(new Error(code), { code })
      })
      const thrown = codeOf(() => files.syncDirectory(directory))
      spy.mockRestore()
      return thrown
    }
    expect(failWith('EINVAL')).toBe('')
    if (!isWindows) expect(failWith('EIO')).toBe('EIO')
    expect(descriptorCount()).toBe(before)
  })
})
