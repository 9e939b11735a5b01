/**
 * The checksum at the end of RDB files and DUMP payloads: CRC-64 with the polynomial of Jones
 * (0xad93d23594c935a9), reflected in and out, starting from 0 and not inverted at the end, as in
 * crc64.c of Redis. The check value of "123456789" is 0xe9c6d914c4b8d9ca.
 *
 * The register is kept as two 32-bit halves, and eight bytes are taken at a time by the method
 * known as slicing: table k holds what a byte becomes after k more zero bytes have passed, so the
 * eight lookups do not wait for each other.
 *
 * Layout of the tables, in units of 4 bytes, each table with 256 entries:
 *
 *   offset        size  meaning
 *   k * 512       256   lower halves of table k, by byte
 *   k * 512 + 256 256   upper halves of table k
 */

/** The polynomial with its bits reversed. */
const POLYNOMIAL_HIGH = 0x95ac9329 | 0
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0

const SLICES = 8
const TABLE = 512
const HIGH = 256

const tables = new Int32Array(SLICES * TABLE)

for (let byte = 0; byte < 256; byte++) {
  let low = byte
  let high = 0
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (carry === 1) {
      low ^= POLYNOMIAL_LOW
      high ^= POLYNOMIAL_HIGH
    }
  }
  tables[byte] = low
  tables[HIGH + byte] = high
}
for (let slice = 1; slice < SLICES; slice++) {
  for (let byte = 0; byte < 256; byte++) {
    const entry = (slice - 1) * TABLE + byte
    const low = tables[entry]
    const high = tables[entry + HIGH]
    const index = low & 0xff
    tables[slice * TABLE + byte] = ((low >>> 8) | (high << 24)) ^ tables[index]
    tables[slice * TABLE + HIGH + byte] = (high >>> 8) ^ tables[HIGH + index]
  }
}

/** A checksum that grows with the bytes it is given. */
export class Crc64 {
  /** The halves of the checksum, as signed integers. */
  low = 0
  high = 0

  /**
   * Goes on with the bytes of a range. Short ranges are twice as quick if their view is at hand.
   *
   * @param view of the same memory
   */
  update(
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
    view: DataView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  ): void {
    const t = tables
    let low = this.low
    let high = this.high
    let i = start
    for (; i + 8 <= end; i += 8) {
      const a = low ^ view.getInt32(i, true)
      const b = high ^ view.getInt32(i + 4, true)
      const i7 = 7 * TABLE + (a & 0xff)
      const i6 = 6 * TABLE + ((a >>> 8) & 0xff)
      const i5 = 5 * TABLE + ((a >>> 16) & 0xff)
      const i4 = 4 * TABLE + (a >>> 24)
      const i3 = 3 * TABLE + (b & 0xff)
      const i2 = 2 * TABLE + ((b >>> 8) & 0xff)
      const i1 = TABLE + ((b >>> 16) & 0xff)
      const i0 = b >>> 24
      low = t[i7] ^ t[i6] ^ t[i5] ^ t[i4] ^ t[i3] ^ t[i2] ^ t[i1] ^ t[i0]
      high =
        t[i7 + HIGH] ^
        t[i6 + HIGH] ^
        t[i5 + HIGH] ^
        t[i4 + HIGH] ^
        t[i3 + HIGH] ^
        t[i2 + HIGH] ^
        t[i1 + HIGH] ^
        t[i0 + HIGH]
    }
    if (i + 4 <= end) {
      const a = low ^ view.getInt32(i, true)
      const i3 = 3 * TABLE + (a & 0xff)
      const i2 = 2 * TABLE + ((a >>> 8) & 0xff)
      const i1 = TABLE + ((a >>> 16) & 0xff)
      const i0 = a >>> 24
      low = high ^ t[i3] ^ t[i2] ^ t[i1] ^ t[i0]
      high = t[i3 + HIGH] ^ t[i2 + HIGH] ^ t[i1 + HIGH] ^ t[i0 + HIGH]
      i += 4
    }
    for (; i < end; i++) {
      const index = (low ^ bytes[i]) & 0xff
      low = ((low >>> 8) | (high << 24)) ^ t[index]
      high = (high >>> 8) ^ t[HIGH + index]
    }
    this.low = low
    this.high = high
  }

  /** The checksum so far, as an unsigned 64-bit integer. */
  get value(): bigint {
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0)
  }

  /** Starts over, or goes on from a checksum taken before. */
  reset(value = 0n): void {
    this.low = Number(value & 0xffffffffn) | 0
    this.high = Number(value >> 32n) | 0
  }

  /** Writes the checksum as Redis stores it: 8 bytes, little endian. */
  writeTo(target: Uint8Array, offset: number): void {
    for (let i = 0; i < 4; i++) {
      target[offset + i] = this.low >>> (8 * i)
      target[offset + 4 + i] = this.high >>> (8 * i)
    }
  }
}

/** The checksum of a range, going on from `seed` (0n at the start). */
export function crc64(
  seed: bigint,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): bigint {
  const crc = new Crc64()
  crc.reset(seed)
  crc.update(bytes, start, end)
  return crc.value
}

// Every path is taken once at the start, with lengths that leave 0 to 7 bytes. A loop that is
// compiled while it runs for the first time takes what comes behind it for unreachable, and V8 11
// keeps that code: each later range would end in slow code, and loading take a fifth longer.
for (let length = 16; length < 24; length++) new Crc64().update(new Uint8Array(length))
