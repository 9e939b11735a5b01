/**
 * The manifest of the append-only files: which files make up the log, in which order. The format is
 * Redis 7's (aof.c): a line a file, of names and values.
 *
 *   #CRC:<bytes> <16 hex digits>                                  by Redstart only
 *   file appendonly.aof.2.base.rdb seq 2 type b bytes 1024        the snapshot, at most one
 *   file appendonly.aof.1.incr.aof seq 1 type h bytes 77          history: may be deleted
 *   file appendonly.aof.2.incr.aof seq 2 type i bytes 512         incremental, ascending
 *   file appendonly.aof.3.incr.aof seq 3 type i                   the one being written
 *
 * The first line is a comment to Redis. It states length and CRC-64 of all that follows it, so that
 * a manifest that has been cut or changed is refused; one without it is Redis's own. `bytes` is the
 * length of a file that will never change again: a log that lacks its end shows. Redis passes over
 * names that it does not know, and leaves both away when it writes the manifest itself.
 */
import { crc64 } from '../bytes/crc64.ts'
import { quoted, splitArguments } from '../bytes/quote.ts'
import { equalsIgnoreCase, fromLatin1, fromText, latin1 } from '../bytes/text.ts'
import { AofError } from './aof-error.ts'

/** b: base, h: history, i: incremental. */
export type ManifestType = 'b' | 'h' | 'i'

export interface ManifestFile {
  /** Without a directory. */
  name: string
  sequence: number
  type: ManifestType
  /** Length of a file that is finished; -1 if it is not known. */
  bytes: number
}

/** The longest line that Redis reads, with its line feed. */
const MAX_LINE_BYTES = 1024
/** Of a line that is wrong so much is told: what is wrong with it comes behind. */
const SHOWN_BYTES = 256
const LINE_FEED = 0x0a
const HASH = 0x23
const CHECKSUM_TAG = '#CRC:'

export class Manifest {
  base: ManifestFile | null = null
  history: ManifestFile[] = []
  increments: ManifestFile[] = []
  /** The highest numbers given so far. */
  baseSequence = 0
  incrementSequence = 0

  /** Whether no file holds any data. */
  get isEmpty(): boolean {
    return this.base === null && this.increments.length === 0
  }

  /** The base and the incremental files, in the order in which they are loaded. */
  get files(): ManifestFile[] {
    return this.base === null ? [...this.increments] : [this.base, ...this.increments]
  }

  copy(): Manifest {
    const copy = new Manifest()
    copy.base = this.base === null ? null : { ...this.base }
    copy.history = this.history.map((file) => ({ ...file }))
    copy.increments = this.increments.map((file) => ({ ...file }))
    copy.baseSequence = this.baseSequence
    copy.incrementSequence = this.incrementSequence
    return copy
  }

  /** Makes the present base history and names a new one. */
  addBase(fileName: string, format: 'rdb' | 'aof', bytes: number): ManifestFile {
    if (this.base !== null) this.history.unshift({ ...this.base, type: 'h' })
    const sequence = ++this.baseSequence
    const name = `${fileName}.${sequence}.base.${format}`
    this.base = { name, sequence, type: 'b', bytes }
    return this.base
  }

  addIncrement(fileName: string): ManifestFile {
    const sequence = ++this.incrementSequence
    const file: ManifestFile = {
      name: `${fileName}.${sequence}.incr.aof`,
      sequence,
      type: 'i',
      bytes: -1,
    }
    this.increments.push(file)
    return file
  }

  /** Makes history of all incremental files but the last one, or of all. */
  retireIncrements(kept: 0 | 1): void {
    for (const file of this.increments.splice(0, this.increments.length - kept)) {
      this.history.unshift({ ...file, type: 'h' })
    }
  }

  /** @param isChecked whether Redstart's own additions are written */
  toBytes(isChecked: boolean): Uint8Array {
    let text = ''
    if (this.base !== null) text += lineOf(this.base, isChecked)
    for (const file of this.history) text += lineOf(file, isChecked)
    for (const file of this.increments) text += lineOf(file, isChecked)
    const bytes = fromText(text)
    return isChecked ? Buffer.concat([fromLatin1(checksumOf(bytes)), bytes]) : bytes
  }
}

function lineOf(file: ManifestFile, isChecked: boolean): string {
  const bytes = isChecked && file.bytes >= 0 ? ` bytes ${file.bytes}` : ''
  return `file ${nameInLine(file.name)} seq ${file.sequence} type ${file.type}${bytes}\n`
}

/** A name with blanks, quotes or bytes that cannot be printed is quoted, as in `sdscatrepr`. */
function nameInLine(name: string): string {
  return /^[!#-&(-[\]-~]+$/.test(name) ? name : quoted(fromText(name))
}

function checksumOf(bytes: Uint8Array): string {
  return `${CHECKSUM_TAG}${bytes.length} ${crc64(0n, bytes).toString(16).padStart(16, '0')}\n`
}

/**
 * Reads a manifest.
 *
 * @param name the manifest's own name, for errors
 * @throws AofError for everything that Redis 7.2 refuses, and for a checksum that does not fit
 */
export function parseManifest(bytes: Uint8Array, name: string): Manifest {
  if (bytes.length === 0) throw new AofError(`Found an empty AOF manifest: ${name}`, name, 0)
  const manifest = new Manifest()
  let start = 0
  for (let number = 1; start < bytes.length; number++) {
    const end = lineEnd(bytes, start)
    const line = bytes.subarray(start, end)
    const fault = (what: string) => {
      const place = `${name}, line ${number} (${quoted(line.subarray(0, SHOWN_BYTES))})`
      return new AofError(`AOF manifest ${place}: ${what}`, name, start)
    }
    if (line[0] === HASH) {
      const hasTag = latin1(line, 0, Math.min(CHECKSUM_TAG.length, line.length)) === CHECKSUM_TAG
      if (hasTag && (number > 1 || latin1(line) !== checksumOf(bytes.subarray(end)))) {
        throw fault('the checksum does not fit, so the file is damaged')
      }
    } else {
      if (line.at(-1) !== LINE_FEED || line.includes(0)) {
        throw fault('The AOF manifest file contains too long line')
      }
      addLine(manifest, line, fault)
    }
    start = end
  }
  return manifest
}

/** Where a line ends, behind its line feed; at the latest where Redis cuts it. */
function lineEnd(bytes: Uint8Array, start: number): number {
  const feed = bytes.indexOf(LINE_FEED, start)
  const end = feed < 0 ? bytes.length : feed + 1
  return Math.min(end, start + MAX_LINE_BYTES)
}

const MALFORMED = 'Invalid AOF manifest file format'

function addLine(manifest: Manifest, line: Uint8Array, fault: (what: string) => AofError): void {
  const words = splitArguments(line)
  if (words === null || words.length < 6 || words.length % 2 === 1) throw fault(MALFORMED)
  const file = { name: '', sequence: 0, type: '', bytes: -1 }
  for (let i = 0; i < words.length; i += 2) {
    const value = Buffer.from(words[i + 1])
    const isName = (key: string) => equalsIgnoreCase(words[i], 0, words[i].length, key)
    if (isName('file')) {
      file.name = value.toString('utf8')
      if (/[/\\]/.test(file.name)) throw fault("File can't be a path, just a filename")
    } else if (isName('seq')) {
      file.sequence = wholeNumber(value)
    } else if (isName('type')) {
      file.type = value.toString('latin1', 0, 1)
    } else if (isName('bytes')) {
      file.bytes = wholeNumber(value)
      if (file.bytes < 0) throw fault(MALFORMED)
    }
  }
  if (file.name === '' || !(file.sequence > 0) || file.type === '') throw fault(MALFORMED)
  const { name, sequence, bytes } = file
  if (file.type === 'b') {
    if (manifest.base !== null) throw fault('Found duplicate base file information')
    manifest.base = { name, sequence, type: 'b', bytes }
    manifest.baseSequence = sequence
  } else if (file.type === 'h') {
    manifest.history.push({ name, sequence, type: 'h', bytes })
  } else if (file.type === 'i') {
    if (sequence <= manifest.incrementSequence) {
      throw fault('Found a non-monotonic sequence number')
    }
    manifest.increments.push({ name, sequence, type: 'i', bytes })
    manifest.incrementSequence = sequence
  } else {
    throw fault('Unknown AOF file type')
  }
}

/** A decimal number without sign; -1 if it is none that a number can hold exactly. */
function wholeNumber(text: Buffer): number {
  const value = /^\d{1,16}$/.test(text.toString('latin1')) ? Number(text.toString('latin1')) : -1
  return Number.isSafeInteger(value) ? value : -1
}
