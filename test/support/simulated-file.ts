/**
 * The content of one file of the simulated disk: what a reader sees now, what a sync has made
 * safe, and the steps between the two, out of which a crash may leave any mixture.
 *
 * A step is a write that lies within one sector, or a cut. Sectors reach the disk whole (512 bytes
 * is what every disk promises) but in any order, each as it was after any of the steps, and the
 * file's length is whatever it was after any of the steps: a sector that never came reads as
 * zeros. That is the model of Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014),
 * for a file system that orders nothing. In the `ordered` form the file is as it was after some
 * one step, which is what ext4 leaves of a file that is only appended to.
 *
 * Bytes that were made safe are never written over in place (a cut makes a copy first), so that
 * the disks that crashes leave share them.
 */

export const SECTOR_BYTES = 512

/** `end` is the place behind the last byte of a write; a cut has no bytes. */
interface Step {
  readonly at: number
  readonly bytes: Uint8Array | null
}

/** What a crash may leave of one sector; the last one is the newest. */
interface Sector {
  readonly at: number
  readonly versions: Uint8Array[]
}

/** All that a crash may leave of one file, unordered: one length, and one version of each sector. */
export interface FileChoices {
  readonly lengths: number[]
  readonly sectors: Sector[]
}

const NO_BYTES = new Uint8Array(0)

export class SimulatedContent {
  /** The bytes that a reader sees are the first `size` of these. */
  private bytes: Uint8Array = NO_BYTES
  size = 0
  /** What a crash cannot take away. */
  safe: Uint8Array = NO_BYTES
  private steps: Step[] = []
  /** Bytes on their way to the disk that no reader sees yet: those of a `writeLater`. */
  underWay: Uint8Array | null = null
  /**
   * A sync of this file has failed. The system forgets then what it could not write, and a later
   * sync that succeeds says nothing about it: no byte becomes safe any more.
   */
  isDoubtful = false

  /** A file whose bytes are all safe. They are shared, and never changed. */
  static of(bytes: Uint8Array): SimulatedContent {
    const content = new SimulatedContent()
    content.bytes = bytes
    content.size = bytes.length
    content.safe = bytes
    return content
  }

  get isSafe(): boolean {
    return this.steps.length === 0 && this.underWay === null
  }

  get stepCount(): number {
    return this.steps.length
  }

  view(): Uint8Array {
    return this.bytes.subarray(0, this.size)
  }

  append(added: Uint8Array): void {
    const end = this.size + added.length
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.bytes.length * 2, 64))
      grown.set(this.view())
      this.bytes = grown
    }
    this.bytes.set(added, this.size)
    pushWrites(this.steps, this.size, this.bytes.subarray(this.size, end))
    this.size = end
  }

  /** Cuts the file, or lengthens it by zeros as ftruncate does. */
  truncate(size: number): void {
    if (size === this.size) return
    const bytes = new Uint8Array(Math.max(size, 64))
    bytes.set(this.bytes.subarray(0, Math.min(size, this.size)))
    this.bytes = bytes
    this.size = size
    this.steps.push({ at: size, bytes: null })
  }

  /** Makes safe what the first `steps` steps did. */
  sync(steps = this.steps.length): void {
    if (this.isDoubtful) return
    if (steps === this.steps.length) this.safe = this.view()
    else this.safe = this.after(steps)
    this.steps = this.steps.slice(steps)
  }

  /** Steps that a crash may have done or not, in order. */
  private uncertain(): Step[] {
    if (this.underWay === null) return this.steps
    const steps = [...this.steps]
    pushWrites(steps, this.size, this.underWay)
    return steps
  }

  /** How many contents `after` tells apart. */
  get uncertainSteps(): number {
    return this.uncertain().length
  }

  /** The content after the first `count` steps that aren't safe. */
  after(count: number): Uint8Array {
    const steps = this.uncertain()
    if (count === 0) return this.safe
    if (count === this.steps.length) return this.view()
    let size = this.safe.length
    let room = size
    for (let i = 0; i < count; i++) room = Math.max(room, endOf(steps[i]))
    const bytes = new Uint8Array(room)
    bytes.set(this.safe)
    for (let i = 0; i < count; i++) {
      const step = steps[i]
      if (step.bytes === null) bytes.fill(0, step.at)
      else bytes.set(step.bytes, step.at)
      size = endOf(step)
    }
    return bytes.subarray(0, size)
  }

  choices(): FileChoices {
    const sectors = new Map<number, Sector>()
    const lengths = [this.safe.length]
    for (const step of this.uncertain()) {
      const size = lengths[lengths.length - 1]
      const end = endOf(step)
      if (step.bytes !== null) addVersion(this.safe, sectors, step.at, step.bytes)
      else cutSectors(this.safe, sectors, step.at, size)
      if (end !== size) lengths.push(end)
    }
    const uncertain = [...sectors.values()].filter(({ versions }) => versions.length > 1)
    return { lengths: [...new Set(lengths)], sectors: uncertain }
  }

  /** The content that one choice of each kind makes. */
  mixture(choices: FileChoices, length: number, versions: readonly number[]): Uint8Array {
    const size = choices.lengths[length]
    const bytes = new Uint8Array(size)
    bytes.set(this.safe.subarray(0, Math.min(size, this.safe.length)))
    choices.sectors.forEach(({ at, versions: contents }, i) => {
      if (at >= size) return
      bytes.set(contents[versions[i]].subarray(0, Math.min(SECTOR_BYTES, size - at)), at)
    })
    return bytes
  }
}

function endOf(step: Step): number {
  return step.bytes === null ? step.at : step.at + step.bytes.length
}

/** Splits a write where sectors end. */
function pushWrites(steps: Step[], at: number, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + SECTOR_BYTES - ((at + start) % SECTOR_BYTES))
    steps.push({ at: at + start, bytes: bytes.subarray(start, end) })
    start = end
  }
}

function sectorAt(safe: Uint8Array, sectors: Map<number, Sector>, at: number): Sector {
  let sector = sectors.get(at)
  if (sector === undefined) {
    const old = new Uint8Array(SECTOR_BYTES)
    old.set(safe.subarray(at, at + SECTOR_BYTES))
    sector = { at, versions: [old] }
    sectors.set(at, sector)
  }
  return sector
}

function addVersion(
  safe: Uint8Array,
  sectors: Map<number, Sector>,
  at: number,
  bytes: Uint8Array,
): void {
  const first = at - (at % SECTOR_BYTES)
  const sector = sectorAt(safe, sectors, first)
  const newest = sector.versions[sector.versions.length - 1].slice()
  newest.set(bytes, at - first)
  pushDistinct(sector, newest)
}

function cutSectors(
  safe: Uint8Array,
  sectors: Map<number, Sector>,
  size: number,
  before: number,
): void {
  for (let at = size - (size % SECTOR_BYTES); at < before; at += SECTOR_BYTES) {
    const sector = sectorAt(safe, sectors, at)
    const newest = sector.versions[sector.versions.length - 1].slice()
    newest.fill(0, Math.max(0, size - at))
    pushDistinct(sector, newest)
  }
}

function pushDistinct(sector: Sector, content: Uint8Array): void {
  const newest = sector.versions[sector.versions.length - 1]
  if (Buffer.compare(newest, content) !== 0) sector.versions.push(content)
}
