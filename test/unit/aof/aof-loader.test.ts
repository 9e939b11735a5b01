import { describe, expect, test } from 'vitest'
import { SimulatedDisk } from '../../support/simulated-disk.ts'
import {
  DIRECTORY,
  finishRewrite,
  incrementPath,
  load,
  MANIFEST,
  openLog,
  request,
} from './log-fixture.ts'

/** A log of `batches`, and where each of them ends in the file. */
function write(batches: string[][][], log = openLog()) {
  const ends: number[] = []
  for (const batch of batches) {
    for (const command of batch) log.log.appendCommand(command)
    log.log.flush()
    ends.push(log.log.sizeBytes)
  }
  return { ...log, ends }
}

const set = (key: string, value: string) => ['SET', key, value]

/** A directory as Redis writes it: one incremental file, no checksums. */
function ofRedis(content: string): SimulatedDisk {
  const disk = new SimulatedDisk()
  disk.put(MANIFEST, 'file log.aof.1.incr.aof seq 1 type i\n')
  disk.put(incrementPath(1), content)
  return disk
}

describe('loading', () => {
  test('does what was appended, in order', () => {
    const { disk } = write([[set('a', '1'), set('b', '2')], [['DEL', 'a']]])
    expect(load(disk).commands).toEqual(['SET a 1', 'SET b 2', 'DEL a'])
  })

  test('goes in steps', () => {
    const { disk } = write(Array.from({ length: 20 }, (_, i) => [set('k', String(i))]))
    const { commands, loader } = load(disk, { budgetBytes: 1 })
    expect(commands).toHaveLength(20)
    expect(loader.loadedBytes).toBe(loader.totalBytes)
    expect(loader.commandCount).toBe(20)
    expect(loader.hasUnchecked).toBe(false)
  })

  test('takes batches that are larger than its window', () => {
    const large = 'x'.repeat(700_000)
    const { disk } = write([[set('a', 'b')], [set('k', large), set('l', large)], [set('m', 'n')]])
    expect(load(disk).commands.map((command) => command.length)).toEqual([7, 700_006, 700_006, 7])
  })

  test('takes the base first, and goes on where the log ended', () => {
    const { disk, log, directory } = write([[set('a', '1')]])
    disk.settle()
    directory.beginRewrite(log)
    log.appendCommand(set('b', '2'))
    log.flush()
    finishRewrite(disk, directory, log, 'a is 1;')
    log.close()
    disk.settle()
    const { commands, loader, directory: again } = load(disk)
    expect(commands).toEqual(['a is 1', 'SET b 2'])
    log.switchTo(again.openForAppend(loader.end))
    log.appendCommand(set('c', '3'))
    log.flush()
    expect(load(disk).commands).toEqual(['a is 1', 'SET b 2', 'SET c 3'])
    expect(disk.text(incrementPath(2)).match(/#CRC/g)).toHaveLength(3)
    expect(disk.exists(incrementPath(1))).toBe(false)
  })

  test('passes over time comments, and MULTI and EXEC', () => {
    const content = `#TS:1\r\n${request('MULTI')}${request('SET', 'a', '1')}${request('exec')}`
    expect(load(ofRedis(content)).commands).toEqual(['SET a 1'])
  })

  test('of a log of Redis: a new file is begun behind it', () => {
    const disk = ofRedis(request('SET', 'a', '1'))
    const { loader, directory } = load(disk)
    expect(loader.hasUnchecked).toBe(true)
    directory.openForAppend(loader.end)
    expect(disk.text(MANIFEST)).toMatch(/1.incr.aof seq 1 type i bytes 27\n.*2.incr.aof seq 2/)
    expect(load(disk).commands).toEqual(['SET a 1'])
  })

  test('of a log that Redis went on with', () => {
    const { disk, content } = write([[set('a', '1')]])
    const before = content()
    const tail = request('SELECT', '0') + request('SET', 'b', '2')
    for (const stamp of ['', '#TS:1700000000\r\n']) {
      disk.put(incrementPath(1), before + stamp + tail)
      const { commands, loader } = load(disk)
      expect(commands).toEqual(['SET a 1', 'SELECT 0', 'SET b 2'])
      expect(loader.end!.isChecked).toBe(false)
    }
  })

  test('an unknown command is an error', () => {
    const disk = ofRedis(request('SET', 'a', '1') + request('bla'))
    expect(() => load(disk)).toThrow(
      /Unknown command 'bla' reading the append only file log.aof.1.incr.aof/,
    )
  })

  test('a file that is missing or has lost its end is an error', () => {
    const { disk, log, directory, content } = write([[set('a', '1')], [set('b', '2')]])
    disk.settle()
    directory.beginRewrite(log)
    const whole = content()
    disk.put(incrementPath(1), whole.slice(0, whole.indexOf('#CRC:2')))
    expect(() => load(disk)).toThrow(/log.aof.1.incr.aof has lost its end/)
    disk.remove(incrementPath(1))
    expect(() => load(disk)).toThrow(/log.aof.1.incr.aof is not known: No such file or directory/)
  })
})

describe('a log of Redis that is not whole', () => {
  const whole = request('SET', 'a', '1')
  const cases: [string, string][] = [
    ['a short command', `${whole}${request('SET', 'b', '2').slice(0, -1)}`],
    ['a MULTI without EXEC', `${whole}${request('multi')}${request('SET', 'b', '2')}`],
    ['a MULTI and a short command', `${whole}${request('MULTI')}*3\r\n$3`],
    ['a short header', `${whole}*`],
  ]
  test.each(cases)('%s is cut off', (_name, content) => {
    const disk = ofRedis(content)
    const { commands, loader } = load(disk)
    expect(commands).toEqual(['SET a 1'])
    expect(disk.text(incrementPath(1))).toBe(whole)
    expect(loader.end!.size).toBe(whole.length)
    expect(disk.text(`${incrementPath(1)}.cut-1800000000000`)).toBe(content.slice(whole.length))
  })

  test.each(cases)('%s is refused without aof-load-truncated', (_name, content) => {
    const disk = ofRedis(content)
    expect(() => load(disk, { loadsTruncated: false })).toThrow(
      /Unexpected end of file reading the append only file log.aof.1.incr.aof: at offset 27/,
    )
    expect(disk.text(incrementPath(1))).toBe(content)
  })

  test('what is no command is refused', () => {
    for (const wrong of ['!!!', '*x\r\n', '*1\r\n!3\r\n', '*1\r\n$1\r\nab\r\n', '*0\r\n', '\0\0']) {
      expect(() => load(ofRedis(whole + wrong + whole)), wrong).toThrow(
        /Bad file format reading the append only file log.aof.1.incr.aof: at offset 27/,
      )
    }
  })

  test('lengths that the bytes do not justify cost nothing', () => {
    for (const claim of ['*2147483647\r\n', '*1\r\n$2147483647\r\nx']) {
      expect(load(ofRedis(whole + claim)).commands).toEqual(['SET a 1'])
    }
    expect(() => load(ofRedis('*99999999999\r\n'))).toThrow(/too large/)
  })
})

/** A log of about three kilobytes, with transactions, binary values and large and small batches. */
function sample() {
  const batches: string[][][] = []
  for (let i = 0; i < 15; i++) {
    const value = String.fromCharCode(i, 255 - i, 13, 10, 35).repeat(1 + i)
    batches.push([['MULTI'], set(`key:${i}`, value), ['INCR', 'n'], ['EXEC'], ['RPUSH', 'l', 'x']])
    if (i % 3 === 0) batches.push([['SET', 'text', '#CRC:0 40 0123456789abcdef\r\n*1\r\n']])
  }
  const log = write(batches)
  log.disk.settle()
  const commands = batches.map((batch) =>
    batch.filter((words) => words.length > 1).map((words) => words.join(' ')),
  )
  return { ...log, whole: Buffer.from(log.content(), 'latin1'), commands }
}

/** A disk with the sample's manifest and base, and this as its incremental file. */
function withIncrement(of: ReturnType<typeof sample>, content: Uint8Array): SimulatedDisk {
  const disk = new SimulatedDisk()
  for (const [path, bytes] of of.disk.contents()) disk.put(path, bytes)
  disk.put(incrementPath(1), content)
  return disk
}

const cutBytes = (disk: SimulatedDisk) =>
  [...disk.contents()].filter(([path]) => path.includes('.cut-'))

describe('a log with checksums that is not whole', () => {
  const log = sample()
  const { whole, ends, commands } = log

  test('is about as long as the issue says', () => {
    expect(whole.length).toBeGreaterThan(3000)
    expect(whole.length).toBeLessThan(5000)
  })

  test('cut at every offset: the longest prefix of whole batches is loaded, or none', () => {
    for (let size = 0; size <= whole.length; size++) {
      const disk = withIncrement(log, whole.subarray(0, size))
      const count = ends.filter((end) => end <= size).length
      const end = size < 27 ? 0 : (ends[count - 1] ?? 27)
      if (end !== size) {
        const refused = () => load(disk, { loadsTruncated: false })
        expect(refused, `cut at ${size}`).toThrow(`at offset ${end} `)
      }
      expect(load(disk).commands, `cut at ${size}`).toEqual(commands.slice(0, count).flat())
      expect(disk.text(incrementPath(1)).length).toBe(end)
      const kept = cutBytes(disk).map(([, bytes]) => Buffer.from(bytes))
      expect(kept).toEqual(end === size ? [] : [whole.subarray(end, size)])
    }
  })

  /** The outcome of loading something that is not as it was written. */
  function outcome(content: Uint8Array): number | 'refused' {
    const disk = withIncrement(log, content)
    try {
      const result = load(disk).commands
      const count = ends.findIndex((_, i) => commands.slice(0, i).flat().length === result.length)
      const loaded = count < 0 ? ends.length : count
      expect(result).toEqual(commands.slice(0, loaded).flat())
      if (loaded < ends.length) expect(cutBytes(disk)).toHaveLength(1)
      return loaded
    } catch (error) {
      if ((error as Error).name !== 'AofError') throw error
      return 'refused'
    }
  }

  test('every bit flipped: refused, or in the last batch taken for torn', () => {
    const changed = Buffer.from(whole)
    const last = ends.at(-2)!
    for (let bit = 0; bit < whole.length * 8; bit++) {
      changed[bit >> 3] ^= 1 << (bit & 7)
      const allowed = bit >> 3 < last ? ['refused'] : ['refused', ends.length - 1]
      expect(allowed, `bit ${bit & 7} of byte ${bit >> 3}`).toContain(outcome(changed))
      changed[bit >> 3] = whole[bit >> 3]
    }
  })

  test('blocks of 512 bytes zeroed, swapped or doubled are never loaded', () => {
    const block = (i: number) => whole.subarray(i * 512, i * 512 + 512)
    const count = Math.floor(whole.length / 512)
    for (let i = 0; i < count; i++) {
      const zeroed = Buffer.from(whole)
      zeroed.fill(0, i * 512, i * 512 + 512)
      expect(outcome(zeroed), `block ${i} zeroed`).toBe('refused')
      const inserted = Buffer.concat([
        whole.subarray(0, i * 512),
        block(i),
        whole.subarray(i * 512),
      ])
      expect(outcome(inserted), `block ${i} twice`).toBe('refused')
      const dropped = Buffer.concat([whole.subarray(0, i * 512), whole.subarray(i * 512 + 512)])
      expect(outcome(dropped), `without block ${i}`).toBe('refused')
      for (let j = 0; j < count; j++) {
        if (i === j) continue
        const doubled = Buffer.from(whole)
        doubled.set(block(i), j * 512)
        expect(outcome(doubled), `block ${i} over ${j}`).toBe('refused')
        doubled.set(block(j), i * 512)
        expect(outcome(doubled), `blocks ${i} and ${j} swapped`).toBe('refused')
      }
    }
  })

  test('batches swapped, doubled or left out are never loaded', () => {
    const batch = (i: number) => whole.subarray(ends[i - 1] ?? 27, ends[i])
    const order = (numbers: number[]) =>
      outcome(Buffer.concat([whole.subarray(0, 27), ...numbers.map(batch)]))
    const all = ends.map((_, i) => i)
    expect(order(all)).toBe(ends.length)
    for (let i = 0; i + 1 < ends.length; i++) {
      const swapped = [...all]
      swapped[i] = i + 1
      swapped[i + 1] = i
      expect(order(swapped)).toBe('refused')
      expect(order([...all.slice(0, i), i, i, ...all.slice(i + 1)])).toBe('refused')
      expect(order([...all.slice(0, i), ...all.slice(i + 1)])).toBe('refused')
    }
  })

  test('a torn end in another file than the last is refused, unless what follows is empty', () => {
    const { disk, log: writer, directory, content } = write([[set('a', '1')]])
    disk.settle()
    const before = content()
    directory.beginRewrite(writer)
    disk.put(incrementPath(1), `${before}*3\r\n`)
    expect(load(disk).commands).toEqual(['SET a 1'])
    expect(disk.text(incrementPath(1))).toBe(before)
    disk.put(incrementPath(1), `${before}*3\r\n`)
    writer.appendCommand(set('b', '2'))
    writer.flush()
    expect(() => load(disk)).toThrow(/the truncated file is not the last file/)
  })

  test('a full disk does not let an end be cut off that cannot be kept', () => {
    const disk = withIncrement(log, whole.subarray(0, whole.length - 1))
    disk.capacityBytes = disk.usedBytes()
    expect(() => load(disk)).toThrow(/Error truncating the AOF file.*No space left/)
    expect(disk.text(incrementPath(1)).length).toBe(whole.length - 1)
    expect(disk.list(DIRECTORY).some((name) => name.includes('manifest'))).toBe(true)
  })
})
