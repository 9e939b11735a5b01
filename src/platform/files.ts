/**
 * The file system, as the engine sees it: the few operations that configuration and persistence
 * need, so that a test can break any of them. All of them throw Node's own system errors.
 */
import fs from 'node:fs'

export interface Files {
  readFile(path: string): Uint8Array
  /** Writes the whole file, made real by fsync before it takes the place of an older one. */
  replaceFile(path: string, content: Uint8Array): void
  writeFile(path: string, content: Uint8Array): void
  appendFile(path: string, content: Uint8Array): void
  exists(path: string): boolean
  isDirectory(path: string): boolean
  remove(path: string): void
}

/** The disk of the machine. */
export class SystemFiles implements Files {
  readFile(path: string): Uint8Array {
    return fs.readFileSync(path)
  }

  replaceFile(path: string, content: Uint8Array): void {
    const temporary = `${path}.tmp-${process.pid}`
    const file = fs.openSync(temporary, 'w', 0o644)
    try {
      fs.writeSync(file, content)
      fs.fsyncSync(file)
    } finally {
      fs.closeSync(file)
    }
    fs.renameSync(temporary, path)
  }

  writeFile(path: string, content: Uint8Array): void {
    fs.writeFileSync(path, content)
  }

  appendFile(path: string, content: Uint8Array): void {
    fs.appendFileSync(path, content)
  }

  exists(path: string): boolean {
    return fs.existsSync(path)
  }

  isDirectory(path: string): boolean {
    return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  }

  remove(path: string): void {
    fs.rmSync(path, { force: true })
  }
}
