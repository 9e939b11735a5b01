/** What a crash may leave, counted by hand where that is possible, and by properties where not. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OpenFile } from '../../../src/platform/files.ts'
import { type CrashOptions, crash, crashStates } from '../../support/crash-states.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'

const bytesOf = (text: string) => Buffer.from(text, 'latin1')

function diskWith(...names: string[]): SimulatedDisk {
  const disk = new SimulatedDisk({ directories: ['/d'] })
  for (const name of names) disk.put(name, '')
  return disk
}

function write(file: OpenFile, text: string): void {
  const bytes = bytesOf(text)
  for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length)
}

/** A disk as a line of text: names, and contents with runs of the same character counted. */
function show(disk: SimulatedDisk): string {
  const files = [...disk.contents()].map(([path, bytes]) => {
    const text = Buffer.from(bytes).toString('latin1').replaceAll('\0', '0')
    return `${path}=${text.replace(/(.)\1+/g, (run, c) => `${c}${run.length}`)}`
  })
  return files.join(' ')
}

function statesOf(disk: SimulatedDisk, options?: CrashOptions): string[] {
  return Array.from(crashStates(disk, options), show).sort()
}

describe('the bytes of a file', () => {
  test('come back by sectors, in any order, in any length', () => {
    const disk = diskWith('/d/a')
    write(disk.open('/d/a', 'append'), `${'a'.repeat(512)}${'b'.repeat(512)}c`)
    expect(statesOf(disk)).toEqual([
      '/d/a=',
      '/d/a=01024',
      '/d/a=01024c',
      '/d/a=01025',
      '/d/a=0512',
      '/d/a=0512b512',
      '/d/a=0512b5120',
      '/d/a=0512b512c',
      '/d/a=a512',
      '/d/a=a5120512',
      '/d/a=a5120512c',
      '/d/a=a5120513',
      '/d/a=a512b512',
      '/d/a=a512b5120',
      '/d/a=a512b512c',
    ])
  })

  test('are as after one of the writes in the ext4 model', () => {
    const disk = diskWith('/d/a')
    const file = disk.open('/d/a', 'append')
    write(file, 'x'.repeat(600))
    write(file, 'y')
    const expected = ['/d/a=', '/d/a=x512', '/d/a=x600', '/d/a=x600y']
    expect(statesOf(disk, { model: 'ext4' })).toEqual(expected)
  })

  test('are all there after a sync, and only the later ones uncertain', () => {
    const disk = diskWith('/d/a')
    const file = disk.open('/d/a', 'append')
    write(file, 'safe')
    file.sync()
    write(file, 'more')
    expect(statesOf(disk)).toEqual(['/d/a=safe', '/d/a=safe04', '/d/a=safemore'])
    file.sync()
    expect(statesOf(disk)).toEqual(['/d/a=safemore'])
  })

  test('may be there already when a write off the thread is still under way', () => {
    const disk = diskWith('/d/a')
    disk.open('/d/a', 'append').writeLater(bytesOf('abc'), 0, 3, () => undefined)
    expect(statesOf(disk, { model: 'ext4' })).toEqual(['/d/a=', '/d/a=abc'])
  })

  test('of a cut that was not synced are old or new', () => {
    const disk = diskWith()
    disk.put('/d/a', 'abcdef')
    const file = disk.open('/d/a', 'append')
    file.truncate(3)
    write(file, 'xyz')
    expect(statesOf(disk, { model: 'ext4' })).toEqual(['/d/a=abc', '/d/a=abcdef', '/d/a=abcxyz'])
    expect(statesOf(disk)).toContain('/d/a=abc03')
  })
})

describe('names', () => {
  test('are not made safe by a sync of the file, but for the ext4 model', () => {
    const disk = diskWith()
    const file = disk.open('/d/a', 'create')
    write(file, 'x')
    file.sync()
    expect(statesOf(disk)).toEqual(['', '/d/a=x'])
    expect(statesOf(disk, { model: 'ext4' })).toEqual(['/d/a=x'])
    disk.syncDirectory('/d')
    expect(statesOf(disk)).toEqual(['/d/a=x'])
  })

  test('change one by one when a file is renamed, the new one never halfway', () => {
    const disk = diskWith()
    disk.put('/d/a', 'old')
    disk.put('/d/t', 'new')
    disk.rename('/d/t', '/d/a')
    expect(statesOf(disk)).toEqual([
      '/d/a=new',
      '/d/a=new /d/t=new',
      '/d/a=old',
      '/d/a=old /d/t=new',
    ])
    expect(statesOf(disk, { model: 'ext4' })).toEqual(['/d/a=new', '/d/a=old /d/t=new'])
  })

  test('may be there before the bytes, so that a rename without a sync loses the old file', () => {
    const disk = diskWith()
    disk.put('/d/a', 'old')
    disk.writeFile('/d/t', bytesOf('new'))
    disk.rename('/d/t', '/d/a')
    for (const model of ['strict', 'ext4'] as const) {
      expect(statesOf(disk, { model })).toContain('/d/a=')
    }
  })

  test('of a whole replacement are old or new, with a whole file', () => {
    const disk = diskWith()
    disk.put('/d/a', 'old')
    const seen = new Set<string>()
    disk.onOperation = () => {
      for (const state of crashStates(disk)) seen.add(state.text('/d/a'))
    }
    disk.replaceFile('/d/a', bytesOf('new'))
    expect([...seen]).toEqual(['old', 'new'])
    expect(statesOf(disk)).toEqual(['/d/a=new'])
  })

  test('in a directory that was not made safe are lost with it', () => {
    const disk = diskWith()
    disk.makeDirectory('/d/sub')
    disk.replaceFile('/d/sub/a', bytesOf('x'))
    expect(statesOf(disk)).toEqual(['', '/d/sub/a=x'])
    disk.syncDirectory('/d')
    expect(statesOf(disk)).toEqual(['/d/sub/a=x'])
  })

  test('in two directories are made safe by each of them', () => {
    const disk = diskWith()
    disk.put('/e/t', 'x')
    disk.rename('/e/t', '/d/a')
    disk.syncDirectory('/e')
    expect(statesOf(disk)).toEqual(['', '/d/a=x'])
    expect(statesOf(disk, { model: 'ext4' })).toEqual(['/d/a=x'])
  })
})

type Step = [kind: number, file: number, length: number]
const steps = fc.array(fc.tuple(fc.nat(6), fc.nat(1), fc.nat(700)), { maxLength: 7 })

function run(disk: SimulatedDisk, script: Step[]): void {
  const names = ['/d/a', '/d/b']
  script.forEach(([kind, i, length], at) => {
    const [path, other] = [names[i], names[1 - i]]
    const letter = String.fromCharCode(97 + at)
    if (kind === 4 && disk.exists(path)) disk.rename(path, other)
    if (kind === 5) disk.syncDirectory('/d')
    if (kind === 6) disk.remove(path)
    if (kind > 3) return
    const file = disk.open(path, 'append')
    if (kind < 2) write(file, letter.repeat(length))
    if (kind === 2) file.sync()
    if (kind === 3) file.truncate(Math.min(length, file.size()))
    file.close()
  })
}

test('what the ext4 model leaves, the strict one may leave too', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const disk = diskWith('/d/a')
      run(disk, script)
      const strict = statesOf(disk, { count: 100_000 })
      if (strict.length === 100_000) return
      expect(strict).toEqual(expect.arrayContaining(statesOf(disk, { model: 'ext4' })))
    }),
    { seed: 4, numRuns: 60 },
  )
})

test('no state loses what was synced, each is made once, and a seed says which', () => {
  fc.assert(
    fc.property(steps, fc.nat(1000), (script, seed) => {
      const disk = diskWith('/d/a')
      run(disk, script)
      for (const model of ['strict', 'ext4'] as const) {
        const states = statesOf(disk, { model, count: 50, seed })
        expect(states).toContain(show(crash(disk, 'most', model)))
        expect(states).toContain(show(crash(disk, 'least', model)))
        expect(statesOf(disk, { model, count: 50, seed })).toEqual(states)
      }
      const before = disk.contents().get('/d/a')?.length ?? 0
      run(disk, [[0, 0, 10]])
      const file = disk.open('/d/a', 'append')
      file.sync()
      file.close()
      disk.syncDirectory('/d')
      const safe = disk.safeBytes('/d/a')!
      expect(safe.length).toBe(before + 10)
      run(disk, [[1, 0, 900]])
      for (const state of crashStates(disk, { count: 50, seed })) {
        expect(Buffer.from(state.readFile('/d/a').subarray(0, safe.length)).equals(safe)).toBe(true)
      }
    }),
    { seed: 4, numRuns: 100 },
  )
})

test('a state is a disk of its own, on which all is safe', () => {
  const disk = diskWith('/d/a')
  const file = disk.open('/d/a', 'append')
  write(file, 'abc')
  const state = crash(disk, 'most')
  state.appendFile('/d/a', bytesOf('x'))
  write(file, 'def')
  expect(state.text('/d/a')).toBe('abcx')
  expect(disk.text('/d/a')).toBe('abcdef')
  expect(crash(state, 'least').text('/d/a')).toBe('abc')
})

test('tens of thousands of states of a log of 64 KB take a moment', () => {
  const disk = diskWith('/d/a')
  const file = disk.open('/d/a', 'append')
  for (let i = 0; i < 500; i++) write(file, `line ${i}${'.'.repeat(100)}\r\n`)
  file.sync()
  for (let i = 0; i < 100; i++) write(file, `line ${i}${'.'.repeat(100)}\r\n`)
  let count = 0
  for (const state of crashStates(disk, { count: 20_000 })) {
    count++
    expect(state.exists('/d/a')).toBe(true)
  }
  expect(count).toBe(20_000)
})
