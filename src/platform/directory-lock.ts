/**
 * The log in a directory is written by one process at a time. Logs of several processes may share
 * it if their files have different names (`appendfilename`): each name is a lock of its own. What
 * is held is something that the system itself takes back when its process ends, however it ends,
 * so that no lock is ever stale:
 *
 * - Linux: a listening socket with a name in the abstract namespace, which is made of the
 *   directory's device and inode, and of a digest of the name;
 * - Windows: a named pipe with such a name;
 * - macOS, BSD: the file `….lock` beside the directory itself, opened with O_EXLOCK.
 *
 * That file, `appendonlydir.appendonly.aof.lock` beside `appendonlydir`, says whose it is, for the
 * error message; what it says counts for nothing by itself. Abstract sockets belong to a network
 * namespace: two containers that share a volume do not see each other's.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'

/** Open for writing, make it if need be, take its lock or fail at once (BSD, macOS). */
const O_EXLOCK = 0x20

/** The log in a directory is another's, or this process has it open already. */
export class DirectoryInUse extends Error {
  /** Of the process that has it; 0 if that is not known. */
  readonly pid: number

  constructor(directory: string, pid: number) {
    const owner = pid === process.pid ? 'this process' : `process ${pid || 'unknown'}`
    super(`The directory ${directory} is in use by ${owner}`)
    this.name = 'DirectoryInUse'
    this.pid = pid
  }
}

export interface DirectoryLock {
  /** Gives the directory free, at once. */
  release(): void
}

/**
 * Takes the log of a name in a directory for this process, and makes the directory if need be.
 *
 * @throws DirectoryInUse
 */
export async function lockDirectory(directory: string, fileName: string): Promise<DirectoryLock> {
  fs.mkdirSync(directory, { recursive: true })
  const path = `${directory}.${fileName}.lock`
  const isNamed = process.platform === 'linux' || process.platform === 'win32'
  const release = isNamed ? await holdName(lockName(directory, fileName)) : holdFile(path)
  if (release === null) throw new DirectoryInUse(directory, ownerOf(path))
  if (isNamed) fs.writeFileSync(path, `${process.pid}\n`)
  return {
    release() {
      // Where the file is the lock it stays: another may have opened it already.
      if (isNamed) fs.rmSync(path, { force: true })
      release()
    },
  }
}

/** What the system knows the lock by: short enough for any of them, whatever the file's name. */
export function lockName(directory: string, fileName: string): string {
  const { dev, ino } = fs.statSync(directory, { bigint: true })
  const digest = createHash('sha256').update(fileName).digest('hex').slice(0, 16)
  const prefix = process.platform === 'win32' ? '\\\\.\\pipe\\' : '\0'
  return `${prefix}redstart-${dev}-${ino}-${digest}`
}

/** Holds a name that only one process can have. @returns what lets go of it; null if it is taken */
function holdName(path: string): Promise<(() => void) | null> {
  const server = net.createServer((socket) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null)
      else reject(error)
    })
    server.listen({ path, exclusive: true }, () => {
      server.unref()
      resolve(() => server.close())
    })
  })
}

function holdFile(path: string): (() => void) | null {
  const { O_CREAT, O_NONBLOCK, O_RDWR } = fs.constants
  try {
    const fd = fs.openSync(path, O_RDWR | O_CREAT | O_NONBLOCK | O_EXLOCK)
    fs.ftruncateSync(fd)
    fs.writeSync(fd, `${process.pid}\n`)
    return () => fs.closeSync(fd)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null
    throw error
  }
}

function ownerOf(path: string): number {
  try {
    return Number.parseInt(fs.readFileSync(path, 'latin1'), 10) || 0
  } catch {
    return 0
  }
}
