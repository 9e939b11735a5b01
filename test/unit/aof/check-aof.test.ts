import { describe, expect, test } from 'vitest'
import { checkAof } from '../../../src/cli/check-aof.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'
import { incrementPath, load, MANIFEST, openLog, request } from './log-fixture.ts'

function check(disk: SimulatedDisk, words: string[], answer = '') {
  let output = ''
  const print = (text: string) => {
    output += text
  }
  const status = checkAof(words, { files: disk, print, ask: () => answer, nowMs: 7 })
  return { status, output }
}

const FILE = '/data/one.aof'

function single(content: string): SimulatedDisk {
  const disk = new SimulatedDisk()
  disk.put(FILE, content)
  return disk
}

const whole = request('SET', 'foo', 'hello')

describe('check-aof of one file', () => {
  test('that is whole', () => {
    const { status, output } = check(single(whole), [FILE])
    expect(status).toBe(0)
    expect(output).toBe(
      'Start checking Old-Style AOF\n' +
        `AOF analyzed: filename=${FILE}, size=${whole.length}, ok_up_to=${whole.length}, ` +
        'ok_up_to_line=8, diff=0\n' +
        `AOF ${FILE} is valid\n`,
    )
  })

  test('that is empty, or not there, or named wrongly', () => {
    expect(check(single(''), [FILE]).output).toContain(`AOF ${FILE} is empty`)
    expect(check(single(''), ['/data/none'])).toEqual({
      status: 1,
      output: 'Cannot open file /data/none: No such file or directory, aborting...\n',
    })
    for (const words of [[], ['--mend', FILE], ['a', 'b', 'c', 'd']]) {
      expect(check(single(''), words).output).toMatch(/^Usage: redstart check-aof /)
      expect(check(single(''), words).status).toBe(1)
    }
  })

  test('that is not whole, and mends it when asked to', () => {
    for (const tail of ['!!!', '*3\r\n$3\r\nSE', request('MULTI') + whole, '*1\r\n$-1\r\n']) {
      const disk = single(whole + tail)
      const found = check(disk, [FILE])
      expect(found.status).toBe(1)
      expect(found.output).toMatch(/ok_up_to=33, ok_up_to_line=8, diff=\d+\n.* is not valid\. Use/)
      expect(check(disk, ['--fix', FILE], 'n\n')).toMatchObject({ status: 1 })
      expect(disk.text(FILE)).toBe(whole + tail)
      const mended = check(disk, ['--fix', FILE], 'y\n')
      expect(mended.status).toBe(0)
      expect(mended.output).toContain(`Continue? [y/N]: What was cut off is kept in ${FILE}.cut-7`)
      expect(mended.output).toContain(`Successfully truncated AOF ${FILE}`)
      expect(disk.text(FILE)).toBe(whole)
      expect(disk.text(`${FILE}.cut-7`)).toBe(tail)
    }
  })

  test('cuts off what was done after a time', () => {
    const stamped = (second: number) => `#TS:${second}\r\n${whole}`
    const content = [1, 2, 3].map(stamped).join('')
    const disk = single(content)
    const cut = (second: string) => check(disk, ['--truncate-to-timestamp', second, FILE])
    expect(cut('x').output).toBe('Invalid timestamp, aborting...\n')
    expect(cut('3').output).toContain(`Truncate nothing in AOF ${FILE} to timestamp 3`)
    expect(cut('2').output).toContain(`Successfully truncated AOF ${FILE} to timestamp 2`)
    expect(disk.text(FILE)).toBe(stamped(1) + stamped(2))
    expect(cut('-1')).toMatchObject({ status: 1 })
    expect(cut('-1').output).toContain('has nothing before timestamp -1, aborting...')
  })
})

describe('check-aof of a manifest', () => {
  function ofTwo(base: string, increment: string): SimulatedDisk {
    const disk = new SimulatedDisk()
    disk.put('/data/aof/b.aof', base)
    disk.put('/data/aof/i.aof', increment)
    disk.put(MANIFEST, 'file b.aof seq 1 type b\nfile i.aof seq 1 type i\n')
    return disk
  }

  test('says of each file what it is', () => {
    const { status, output } = check(ofTwo(whole, whole), [MANIFEST])
    expect(status).toBe(0)
    expect(output).toMatch(
      /^Start checking Multi Part AOF\nStart to check BASE AOF \(RESP format\)\.\nAOF analyzed.*\nBASE AOF b.aof is valid\nStart to check INCR files\.\nAOF analyzed.*\nINCR AOF i.aof is valid\nAll AOF files and manifest are valid\n$/,
    )
  })

  test('cuts no file but the last', () => {
    const disk = ofTwo(`#TS:1\r\n${whole}#TS:9\r\n*3`, whole)
    expect(check(disk, ['--fix', MANIFEST], 'y')).toMatchObject({ status: 1 })
    expect(check(disk, ['--fix', MANIFEST], 'y').output).toContain(
      'Failed to truncate AOF b.aof because it is not the last file',
    )
    const { output } = check(disk, ['--truncate-to-timestamp', '5', MANIFEST])
    expect(output).toContain('Failed to truncate AOF b.aof to timestamp 5 to offset 40')
    expect(output).toContain('because it is not the last file')
  })

  test('says what is wrong with the manifest', () => {
    const disk = ofTwo(whole, whole)
    disk.put(MANIFEST, 'file b.aof seq 1 type b\n!!!\n')
    expect(check(disk, [MANIFEST])).toMatchObject({ status: 1 })
    expect(check(disk, [MANIFEST]).output).toContain('Invalid AOF manifest file format')
  })

  test('reads the snapshot of a base', () => {
    const disk = ofTwo('REDIS0011\xff\0\0\0\0\0\0\0\0', whole)
    expect(check(disk, [MANIFEST]).output).toMatch(
      /BASE AOF \(RDB format\)\.\nRDB preamble is OK, proceeding with AOF tail\.\.\./,
    )
    disk.put('/data/aof/b.aof', 'REDIS0011\xfd')
    expect(check(disk, [MANIFEST])).toMatchObject({ status: 1 })
    expect(check(disk, [MANIFEST]).output).toContain('RDB preamble of AOF file is not sane')
  })
})

describe('check-aof of a file with checksums', () => {
  function written() {
    const log = openLog('no')
    log.log.hasTimestamps = true
    for (let i = 1; i <= 4; i++) {
      log.clock.nowMs = i * 1000
      log.log.appendCommand(['SET', 'foo', String(i)])
      log.log.flush()
    }
    log.disk.put('/data/aof/log.aof.1.base.rdb', 'REDIS0011\xff\0\0\0\0\0\0\0\0')
    return log
  }
  const path = incrementPath(1)
  const commands = (disk: SimulatedDisk) => {
    disk.put('/data/aof/log.aof.1.base.rdb', 'REDIS0011')
    disk.put(MANIFEST, 'file log.aof.1.incr.aof seq 1 type i\n')
    return load(disk, { loadsTruncated: false }).commands
  }

  test('verifies them', () => {
    const { disk } = written()
    const { status, output } = check(disk, [MANIFEST])
    expect(output).toContain('AOF log.aof.1.incr.aof has checksums: 4 whole batches')
    expect(status).toBe(0)
    disk.put(path, disk.text(path).replace('$1\r\n2', '$1\r\n7'))
    const damaged = check(disk, [MANIFEST])
    expect(damaged.status).toBe(1)
    expect(damaged.output).toContain(
      'its checksum does not fit, and there are whole batches behind it',
    )
    expect(check(disk, ['--fix', MANIFEST], 'y').status).toBe(0)
    expect(commands(disk)).toEqual(['SET foo 1'])
  })

  test('cuts at a time between two batches', () => {
    const { disk } = written()
    expect(check(disk, ['--truncate-to-timestamp', '0', MANIFEST]).status).toBe(0)
    expect(check(disk, ['--truncate-to-timestamp', '2', MANIFEST]).output).toContain(
      'Successfully truncated AOF log.aof.1.incr.aof to timestamp 2',
    )
    expect(check(disk, ['--truncate-to-timestamp', '-5', MANIFEST]).output).toContain('aborting')
    expect(commands(disk)).toEqual(['SET foo 1', 'SET foo 2'])
  })
})
