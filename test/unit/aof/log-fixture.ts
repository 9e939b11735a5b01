/** A log on a simulated disk: written by the real writer, loaded by the real loader. */
import { AofDirectory } from '../../../src/aof/aof-directory.ts'
import { AofLoader } from '../../../src/aof/aof-loader.ts'
import { AppendLog } from '../../../src/aof/append-log.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import type { Files } from '../../../src/platform/files.ts'
import { SimulatedDisk } from '../../support/simulated-disk.ts'

export const DIRECTORY = '/data/aof'
export const MANIFEST = `${DIRECTORY}/log.aof.manifest`
export const SNAPSHOT = 'REDIS0011'

export const incrementPath = (sequence: number) => `${DIRECTORY}/log.aof.${sequence}.incr.aof`

export function directoryOn(files: Files, lines: string[] = [], hasChecksums = true) {
  return new AofDirectory({
    files,
    directory: '/data',
    directoryName: 'aof',
    fileName: 'log.aof',
    hasChecksums,
    log: (_level, text) => lines.push(text),
  })
}

/** An open log with an empty base. */
export function openLog(policy: 'always' | 'everysec' | 'no' = 'everysec', hasChecksums = true) {
  const disk = new SimulatedDisk({ directories: ['/data'] })
  const clock = new ManualClock(1_700_000_000_000)
  const lines: string[] = []
  const directory = directoryOn(disk, lines, hasChecksums)
  const log = new AppendLog(clock, (_level, text) => lines.push(text))
  log.policy = policy
  log.hasChecksums = hasChecksums
  directory.read()
  directory.beginRewrite(log)
  finishRewrite(disk, directory, log)
  const content = (sequence = 1) => disk.text(incrementPath(sequence))
  return { disk, clock, log, lines, directory, content }
}

/** Ends a rewrite with a snapshot that says `state`. */
export function finishRewrite(
  disk: SimulatedDisk,
  directory: AofDirectory,
  log: AppendLog | null,
  state = '',
) {
  writeBase(disk, directory, state)
  directory.finishRewrite(log, 'rdb')
}

/** Writes the snapshot of a rewrite, and syncs it. */
export function writeBase(disk: SimulatedDisk, directory: AofDirectory, state: string) {
  const file = disk.open(directory.temporaryBasePath, 'create')
  const bytes = Buffer.from(SNAPSHOT + state, 'latin1')
  for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length)
  file.sync()
  file.close()
}

/** What was loaded: what the snapshot says, then each command as its words with blanks between. */
export function load(
  files: Files,
  options: { loadsTruncated?: boolean; lines?: string[]; budgetBytes?: number } = {},
) {
  const directory = directoryOn(files, options.lines)
  directory.read()
  const commands: string[] = []
  const loader = new AofLoader({
    files,
    directory,
    clock: new ManualClock(1_800_000_000_000),
    log: (_level, text) => options.lines?.push(text),
    loadsTruncated: options.loadsTruncated ?? true,
    target: {
      replay: (args) => {
        const words: string[] = []
        for (let i = 0; i < args.count; i++) words.push(args.text(i))
        commands.push(words.join(' '))
        return words[0] !== 'bla'
      },
      preamble: (path) => {
        const content = Buffer.from(files.readFile(path)).toString('latin1')
        const snapshot = content.split('*')[0]
        return {
          position: snapshot.length,
          step: () => {
            if (!snapshot.startsWith(SNAPSHOT)) throw new Error('a damaged snapshot')
            commands.push(...snapshot.slice(SNAPSHOT.length).split(';').filter(Boolean))
            return true
          },
        }
      },
    },
  })
  try {
    while (!loader.step(options.budgetBytes ?? 1 << 20));
  } finally {
    loader.close()
  }
  return { commands, loader, directory }
}

/** A command as a RESP array. */
export function request(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}
