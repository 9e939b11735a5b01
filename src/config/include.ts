/**
 * The files that a path of the configuration means: itself, or, with `*`, `?` or `[` in it, all
 * that match, sorted, as glob(3) finds them: a star does not cross a slash and a leading dot must
 * be written out. A pattern that matches nothing means no file, so that an empty conf.d is fine.
 */
import fs from 'node:fs'
import nodePath from 'node:path'
import { globMatch } from '../bytes/glob.ts'
import { fromText } from '../bytes/text.ts'

/** The names in a directory; none when it cannot be read. */
export type ListDirectory = (directory: string) => readonly string[]

export function listSystemDirectory(directory: string): readonly string[] {
  try {
    return fs.readdirSync(directory)
  } catch {
    return []
  }
}

export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text)
}

/** The existing paths that an absolute pattern matches, sorted by their bytes. */
export function expandPattern(pattern: string, list: ListDirectory): string[] {
  const { root } = nodePath.parse(pattern)
  const segments = pattern.slice(root.length).split(/[/\\]/)
  let found = [root]
  for (const segment of segments) {
    found = found.flatMap((directory) => matchesIn(directory, segment, list))
  }
  return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

function matchesIn(directory: string, segment: string, list: ListDirectory): string[] {
  const names = list(directory)
  if (!hasWildcard(segment)) {
    return names.includes(segment) ? [nodePath.join(directory, segment)] : []
  }
  const pattern = fromText(segment.replaceAll('[!', '[^'))
  return names
    .filter((name) => name.startsWith('.') === segment.startsWith('.'))
    .filter((name) => globMatch(pattern, fromText(name), false))
    .map((name) => nodePath.join(directory, name))
}
