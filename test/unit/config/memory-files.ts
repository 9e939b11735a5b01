/** A file system in memory, of which a test can break single paths. */
import type { Files } from '../../../src/platform/files.ts'

export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

export class MemoryFiles implements Files {
  readonly contents = new Map<string, Uint8Array>()
  readonly directories = new Set(['/', '/etc', '/etc/redstart', '/data'])
  /** The error code that any use of a path meets. */
  readonly broken = new Map<string, string>()

  text(path: string): string {
    return Buffer.from(this.readFile(path)).toString('latin1')
  }

  put(path: string, text: string): void {
    this.contents.set(path, Buffer.from(text, 'latin1'))
  }

  /** The names in a directory, for the patterns of include. */
  list(directory: string): string[] {
    const prefix = directory.endsWith('/') ? directory : `${directory}/`
    const names = [...this.contents.keys(), ...this.directories]
      .filter((path) => path.startsWith(prefix) && path !== prefix)
      .map((path) => path.slice(prefix.length).split('/')[0])
    return [...new Set(names)]
  }

  #check(path: string): void {
    const code = this.broken.get(path)
    if (code !== undefined) throw systemError(code)
  }

  readFile(path: string): Uint8Array {
    this.#check(path)
    const content = this.contents.get(path)
    if (content === undefined) throw systemError(this.directories.has(path) ? 'EISDIR' : 'ENOENT')
    return content
  }

  replaceFile(path: string, content: Uint8Array): void {
    this.writeFile(path, content)
  }

  writeFile(path: string, content: Uint8Array): void {
    this.#check(path)
    this.contents.set(path, content)
  }

  appendFile(path: string, content: Uint8Array): void {
    this.#check(path)
    const old = this.contents.get(path) ?? new Uint8Array(0)
    this.contents.set(path, Buffer.concat([old, content]))
  }

  exists(path: string): boolean {
    return this.contents.has(path) || this.directories.has(path)
  }

  isDirectory(path: string): boolean {
    return this.directories.has(path)
  }

  remove(path: string): void {
    this.contents.delete(path)
  }
}
