/**
 * A dict with keys given as strings, for the tests: makes, looks up, replaces and frees its
 * entries. The value of an entry is one int32 behind the key.
 */
import { type Address, Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../../../src/arena/arena.ts'
import { Dict } from '../../../src/arena/dict.ts'
import { entryWord, keyLength, keyOffset, keyStart } from '../../../src/arena/dict-entry.ts'

const HEADER_BYTES = 4

export class DictFixture {
  readonly arena = new Arena({ debug: true })
  readonly dict: Dict
  root: Address
  private bytes = new Uint8Array(64)
  private view = new DataView(this.bytes.buffer)
  private length = 0

  constructor(hashKey = 1) {
    const options = { headerBytes: HEADER_BYTES, hashKey0: hashKey, hashKey1: ~hashKey }
    this.dict = new Dict(this.arena, options)
    this.root = this.dict.create()
  }

  find(key: string): Address {
    const hash = this.load(key)
    return this.dict.find(this.root, hash, this.bytes, this.view, 1, this.length)
  }

  has(key: string): boolean {
    return this.find(key) !== NULL
  }

  hash(key: string): number {
    return this.load(key)
  }

  /** Makes an entry for an absent key and inserts it; false if there was no memory for either. */
  insert(key: string, value = 0, flagged = false): boolean {
    const entry = this.makeEntry(key, value, flagged)
    if (entry === NULL) return false
    if (this.dict.insert(this.root, this.load(key), entry)) return true
    this.arena.free(entry)
    return false
  }

  /** Replaces the entry of a key that is there. */
  replace(key: string, value: number, flagged: boolean): void {
    const entry = this.makeEntry(key, value, flagged)
    const old = this.find(key)
    this.dict.replaceFound(this.root, entry)
    this.arena.free(old)
  }

  /** Removes and frees the entry of a key; false if it is absent. */
  remove(key: string): boolean {
    const entry = this.find(key)
    if (entry === NULL) return false
    this.dict.removeFound(this.root)
    this.arena.free(entry)
    return true
  }

  key(entry: Address): string {
    const view = this.arena.views[entry >>> SEGMENT_SHIFT]!
    const at = (entry & OFFSET_MASK) << 3
    const start = keyOffset(view, at, HEADER_BYTES)
    const bytes = this.arena.bytes[entry >>> SEGMENT_SHIFT]!
    return Buffer.from(bytes.subarray(start, start + keyLength(view, at, HEADER_BYTES))).toString()
  }

  value(entry: Address): number {
    const view = this.arena.views[entry >>> SEGMENT_SHIFT]!
    const at = (entry & OFFSET_MASK) << 3
    const valueAt = keyOffset(view, at, HEADER_BYTES) + keyLength(view, at, HEADER_BYTES)
    return view.getInt32(valueAt, true)
  }

  /** Every key in the dict, sorted. */
  keys(): string[] {
    const keys: string[] = []
    this.dict.forEach(this.root, (entry) => keys.push(this.key(entry)))
    return keys.sort()
  }

  check(): void {
    this.dict.check(this.root)
    this.arena.check()
  }

  /** Frees everything one by one and checks that nothing is left. */
  close(): void {
    this.check()
    this.dict.forEach(this.root, (entry) => this.arena.free(entry))
    this.dict.destroy(this.root)
    this.arena.check()
    if (this.arena.liveBytes !== 0) throw new Error(`${this.arena.liveBytes} bytes leaked`)
  }

  private makeEntry(key: string, value: number, flagged: boolean): Address {
    const bytes = Buffer.from(key)
    const start = keyStart(HEADER_BYTES, bytes.length, flagged)
    const entry = this.arena.allocate(start + bytes.length + 4)
    if (entry === NULL) return NULL
    const view = this.arena.views[entry >>> SEGMENT_SHIFT]!
    const at = (entry & OFFSET_MASK) << 3
    view.setInt32(at, entryWord(bytes.length, flagged), true)
    if (start === keyStart(HEADER_BYTES, 0, flagged) + 4) {
      view.setUint32(at + start - 4, bytes.length, true)
    }
    this.arena.bytes[entry >>> SEGMENT_SHIFT]!.set(bytes, at + start)
    view.setInt32(at + start + bytes.length, value, true)
    return entry
  }

  /** Puts a key into the fixture's memory, at the odd offset 1; returns its hash. */
  private load(key: string): number {
    const bytes = Buffer.from(key)
    if (bytes.length >= this.bytes.length) {
      this.bytes = new Uint8Array(bytes.length * 2)
      this.view = new DataView(this.bytes.buffer)
    }
    this.bytes.set(bytes, 1)
    this.length = bytes.length
    return this.dict.hash(this.bytes, this.view, 1, bytes.length)
  }
}
