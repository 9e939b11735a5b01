import { describe, expect, test } from 'vitest'
import { AofError } from '../../../src/aof/aof-error.ts'
import { Manifest, parseManifest } from '../../../src/aof/manifest.ts'
import { fromLatin1, latin1 } from '../../../src/bytes/text.ts'

const parse = (text: string) => parseManifest(fromLatin1(text), 'log.manifest')

function sample(fileName = 'log.aof'): Manifest {
  const manifest = new Manifest()
  manifest.addBase(fileName, 'aof', 10)
  manifest.addBase(fileName, 'rdb', 2000)
  for (let i = 0; i < 40; i++) manifest.addIncrement(fileName).bytes = i
  manifest.retireIncrements(1)
  manifest.increments[0].bytes = -1
  return manifest
}

describe('the manifest', () => {
  test('is printed as Redis does, with lengths and a checksum before it', () => {
    const manifest = new Manifest()
    manifest.addBase('log.aof', 'rdb', 100)
    manifest.addIncrement('log.aof')
    const plain = 'file log.aof.1.base.rdb seq 1 type b\nfile log.aof.1.incr.aof seq 1 type i\n'
    expect(latin1(manifest.toBytes(false))).toBe(plain)
    expect(latin1(manifest.toBytes(true))).toMatch(
      /^#CRC:84 [0-9a-f]{16}\nfile log.aof.1.base.rdb seq 1 type b bytes 100\nfile .* type i\n$/,
    )
  })

  test('comes back as it was', () => {
    for (const name of ['log.aof', 'a b', 'quo"te\'s', 'näme', 'tab\t']) {
      const manifest = sample(name)
      expect(parseManifest(manifest.toBytes(true), 'm')).toEqual(manifest)
    }
  })

  test('takes what Redis takes', () => {
    const manifest = parse(
      '# a comment\n' +
        '  FILE "a b" Seq 3 type base colour blue\n' +
        'type i seq 7 file x.aof\r\n' +
        'file old seq 1 type h\n',
    )
    expect(manifest.base).toEqual({ name: 'a b', sequence: 3, type: 'b', bytes: -1 })
    expect(manifest.increments).toEqual([{ name: 'x.aof', sequence: 7, type: 'i', bytes: -1 }])
    expect(manifest.history).toHaveLength(1)
    expect(manifest.baseSequence).toBe(3)
    expect(manifest.incrementSequence).toBe(7)
  })

  const line = 'file a.aof seq 1 type i\n'
  const faults: [string, RegExp][] = [
    ['', /Found an empty AOF manifest/],
    [`${line}\n`, /Invalid AOF manifest file format/],
    ['file a.aof seq 1\n', /Invalid AOF manifest file format/],
    ['file a.aof seq 1 type i more\n', /Invalid AOF manifest file format/],
    ['filx a.aof seq 1 type i\n', /Invalid AOF manifest file format/],
    ['file a.aof seq 0 type i\n', /Invalid AOF manifest file format/],
    ['file a.aof seq -1 type i\n', /Invalid AOF manifest file format/],
    ['file "a.aof seq 1 type i\n', /Invalid AOF manifest file format/],
    ['file ../a.aof seq 1 type i\n', /File can't be a path, just a filename/],
    ['file a.aof seq 1 type x\n', /Unknown AOF file type/],
    ['file a seq 1 type b\nfile b seq 2 type b\n', /Found duplicate base file information/],
    [line + line, /line 2 .*Found a non-monotonic sequence number/],
    ['file a.aof seq 1 type i', /The AOF manifest file contains too long line/],
    [`file a.aof seq 1 type i x ${'y'.repeat(1024)}\n`, /^.{256,900}contains too long line/],
    [`${line}#CRC:0 0000000000000000\n`, /line 2 .*the checksum does not fit/],
  ]
  test.each(faults)('%j is refused', (text, message) => {
    expect(() => parse(text)).toThrow(message)
    expect(() => parse(text)).toThrow(AofError)
  })
})

describe('a damaged manifest', () => {
  const manifest = sample()
  const whole = manifest.toBytes(true)
  /** Either refused, or nothing of what it says has changed. */
  const isHarmless = (bytes: Uint8Array) => {
    try {
      expect(parseManifest(bytes, 'm')).toEqual(manifest)
      return true
    } catch (error) {
      return error instanceof AofError
    }
  }

  test('with any bit flipped says nothing else', () => {
    const changed = whole.slice()
    for (let bit = 0; bit < whole.length * 8; bit++) {
      changed[bit >> 3] ^= 1 << (bit & 7)
      expect(isHarmless(changed), `bit ${bit}`).toBe(true)
      changed[bit >> 3] = whole[bit >> 3]
    }
  })

  test('cut anywhere is refused', () => {
    for (let size = 0; size < whole.length; size++) {
      expect(() => parseManifest(whole.subarray(0, size), 'm'), `cut at ${size}`).toThrow(AofError)
    }
  })

  test('with blocks zeroed, swapped or doubled is refused', () => {
    const count = Math.floor(whole.length / 512)
    expect(count).toBeGreaterThan(2)
    for (let i = 0; i < count; i++) {
      const block = whole.slice(i * 512, i * 512 + 512)
      for (let j = 0; j < count; j++) {
        const changed = whole.slice()
        if (i === j) changed.fill(0, i * 512, i * 512 + 512)
        else changed.set(block, j * 512)
        expect(() => parseManifest(changed, 'm')).toThrow(AofError)
        if (i === j) continue
        changed.set(whole.subarray(j * 512, j * 512 + 512), i * 512)
        expect(() => parseManifest(changed, 'm')).toThrow(AofError)
      }
    }
  })
})
