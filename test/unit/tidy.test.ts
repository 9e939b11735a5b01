/**
 * Holds the tree to what STYLE.md says in numbers: import directions, lengths, names, leftovers,
 * dependencies. It reads sources as text, line by line; what a linter knows better is Biome's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAX_FILE_LINES = 600
const MAX_LINE_COLUMNS = 100

/**
 * What each folder of src/ may import besides itself, lower ones first. A new folder is given its
 * place here before it is used.
 */
const MAY_IMPORT: Record<string, string[]> = {
  platform: [],
  bytes: ['platform'],
  config: ['platform', 'bytes'],
  arena: ['platform', 'bytes'],
  resp: ['platform', 'bytes', 'arena'],
  types: ['platform', 'bytes', 'arena', 'resp'],
  keyspace: ['platform', 'bytes', 'arena', 'resp', 'types', 'config'],
  rdb: ['platform', 'bytes', 'arena', 'resp', 'types', 'config', 'keyspace'],
  aof: ['platform', 'bytes', 'config', 'arena', 'resp'],
  commands: ['platform', 'bytes', 'arena', 'resp', 'types', 'config', 'keyspace', 'rdb'],
  acl: ['platform', 'bytes', 'arena', 'resp', 'commands'],
  server: [
    'platform',
    'bytes',
    'arena',
    'resp',
    'types',
    'config',
    'keyspace',
    'rdb',
    'aof',
    'commands',
    'acl',
  ],
  net: [
    'platform',
    'bytes',
    'arena',
    'resp',
    'types',
    'config',
    'keyspace',
    'rdb',
    'aof',
    'commands',
    'acl',
    'server',
  ],
  embedded: [
    'platform',
    'bytes',
    'arena',
    'resp',
    'types',
    'config',
    'keyspace',
    'rdb',
    'aof',
    'commands',
    'server',
    'net',
  ],
}
const ABOVE_ALL_LAYERS = ['cli']

interface Source {
  /** The path from the repository's root, with `/` on every system. */
  path: string
  lines: string[]
}

/** What benchmarks compare with may be installed beside them. */
function isInstalled(path: string): boolean {
  return path.split(sep).includes('node_modules')
}

function readTree(folder: string): Source[] {
  const top = join(ROOT, folder)
  if (!existsSync(top)) return []
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !isInstalled(relative(ROOT, file)))
    .map((file) => ({
      path: relative(ROOT, file).split(sep).join('/'),
      lines: readFileSync(file, 'utf8').split(/\r?\n/),
    }))
}

const src = readTree('src')
const tests = readTree('test')
const bench = readTree('bench')
const scripts = readTree('scripts')
const everything = [...src, ...tests, ...bench, ...scripts]

/** The line without its comment; '' for a line inside a block comment. */
function codeOf(line: string): string {
  const trimmed = line.trim()
  if (/^(\*|\/\*|\/\/)/.test(trimmed)) return ''
  return line.replace(/\s\/\/ .*$/, '')
}

/** `path:line: text` for every line that `isWrong` holds for. */
function offences(sources: Source[], isWrong: (line: string, index: number) => boolean): string[] {
  return sources.flatMap(({ path, lines }) =>
    lines.flatMap((line, i) => (isWrong(line, i) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  )
}

/**
 * What commands see of the server, above them, they see as types only and in one place: this file
 * is left out of the check.
 */
const TYPES_FROM_ABOVE = 'src/commands/context.ts'
const TYPE_IMPORT = /^(import|export) type .* from '\.\.\/server\/[\w-]+\.ts'$/

/** The modules that a source names in import, export-from and import(). */
function importsOf(source: Source): string[] {
  const isException = (line: string) => source.path === TYPES_FROM_ABOVE && TYPE_IMPORT.test(line)
  const code = source.lines
    .filter((line) => !isException(line))
    .map(codeOf)
    .join('\n')
  const pattern = /(?:^|[\s})])(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g
  return Array.from(code.matchAll(pattern), (match) => match[1]!)
}

/** The folder of src/ that a path lies in; '' for a file right in src/. */
function folderOf(path: string): string {
  const parts = path.split('/')
  return parts.length > 2 ? parts[1]! : ''
}

/**
 * Packages that are made part of the command when it is built: what begins so may import them, as
 * it is loaded only when it is called for.
 */
const BUNDLED: Record<string, string[]> = { 'src/cli/benchmark/report/': ['echarts'] }

function isBundled(source: Source, specifier: string): boolean {
  const packageName = specifier.split('/')[0]!
  return Object.entries(BUNDLED).some(
    ([prefix, packages]) => source.path.startsWith(prefix) && packages.includes(packageName),
  )
}

/** What is wrong with one import of one source, if anything. */
function importFault(source: Source, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined
  if (isBundled(source, specifier)) return undefined
  if (!specifier.startsWith('.')) return 'the engine has no dependencies'
  if (!/\.(ts|json)$/.test(specifier)) return 'a relative import carries .ts'
  const target = join(dirname(source.path), specifier).split(sep).join('/')
  if (!target.startsWith('src/')) return target === 'package.json' ? undefined : 'leaves src/'
  const from = folderOf(source.path)
  const to = folderOf(target)
  if (from === to) return undefined
  if (to === 'cli') return 'nothing imports cli'
  if (from === '' || ABOVE_ALL_LAYERS.includes(from)) return undefined
  const allowed = MAY_IMPORT[from]
  if (allowed === undefined) return `give ${from} its place in MAY_IMPORT of the tidy test`
  return allowed.includes(to) ? undefined : `${from} may not import ${to || 'what lies above it'}`
}

describe('layers', () => {
  test('imports go from higher layers to lower ones only', () => {
    const faults = src.flatMap((source) =>
      importsOf(source).flatMap((specifier) => {
        const fault = importFault(source, specifier)
        return fault === undefined ? [] : [`${source.path}: '${specifier}': ${fault}`]
      }),
    )
    expect(faults).toEqual([])
  })

  test('the import check sees what it should', () => {
    const importer = (path: string, line: string): string | undefined => {
      const source = { path, lines: line.split('\n') }
      return importsOf(source)
        .map((specifier) => importFault(source, specifier))
        .find((fault) => fault !== undefined)
    }
    expect(importer('src/arena/a.ts', "import { x } from '../bytes/x.ts'")).toBeUndefined()
    expect(importer('src/bytes/a.ts', "import { x } from '../arena/x.ts'")).toContain('may not')
    expect(importer('src/bytes/a.ts', "import {\n  x,\n} from '../arena/x.ts'")).toContain(
      'may not',
    )
    expect(importer('src/net/a.ts', "export * from '../cli/x.ts'")).toContain('nothing imports cli')
    expect(importer('src/net/a.ts', "await import('../cli/x.ts')")).toContain('nothing imports cli')
    expect(importer('src/commands/hash/a.ts', "import '../../server/x.ts'")).toContain('may not')
    expect(importer('src/arena/a.ts', "import x from 'x'")).toContain('no dependencies')
    expect(importer('src/arena/a.ts', "import x from './x'")).toContain('carries .ts')
    expect(importer('src/arena/a.ts', "// taken from '../cli/x.ts'")).toBeUndefined()
  })
})

describe('lengths', () => {
  test(`files have at most ${MAX_FILE_LINES} lines`, () => {
    const long = [...src, ...tests, ...bench]
      .map(({ path, lines }) => ({
        path,
        count: lines.at(-1) === '' ? lines.length - 1 : lines.length,
      }))
      .filter(({ count }) => count > MAX_FILE_LINES)
    expect(long).toEqual([])
  })

  test(`lines in src have at most ${MAX_LINE_COLUMNS} columns`, () => {
    expect(offences(src, (line) => line.length > MAX_LINE_COLUMNS)).toEqual([])
  })
})

describe('names and comments', () => {
  test('no file or folder is named after nothing in particular', () => {
    const vague = /(^|-)(utils?|helpers?|managers?|common|misc)$/
    const named = everything.filter(({ path }) =>
      path.split('/').some((part) => vague.test(part.split('.')[0]!)),
    )
    expect(named.map(({ path }) => path)).toEqual([])
  })

  test('every file in src opens with a block comment', () => {
    const bare = src.filter(({ lines }) => {
      const first = lines[0]!.startsWith('#!') ? 1 : 0
      return !lines[first]?.startsWith('/*')
    })
    expect(bare.map(({ path }) => path)).toEqual([])
  })
})

describe('leftovers', () => {
  // This file must name what it forbids, so it does not look at itself.
  const sources = everything.filter(({ path }) => path !== 'test/unit/tidy.test.ts')

  test('no marks of unfinished work', () => {
    expect(offences(sources, (line) => /\b(TODO|FIXME|HACK)\b/.test(line))).toEqual([])
  })

  test('no test runs alone, and none is left out without a comment that says why', () => {
    const only = /\b(test|it|describe|suite)(\.\w+)*\.only\b/
    const skip = /\b(test|it|describe|suite)(\.\w+)*\.(skip|todo)\b/
    const unitTests = tests.filter(({ path }) => path !== 'test/unit/tidy.test.ts')
    expect(offences(unitTests, (line) => only.test(line))).toEqual([])
    const unexplained = unitTests.flatMap(({ path, lines }) =>
      offences([{ path, lines }], (line, i) => {
        const explained = line.includes('// ') || /^\s*(\/\/|\*)/.test(lines[i - 1] ?? '')
        return skip.test(line) && !explained
      }),
    )
    expect(unexplained).toEqual([])
  })

  test('the compiler is never silenced', () => {
    expect(offences(sources, (line) => /@ts-(ignore|nocheck)\b/.test(line))).toEqual([])
    expect(offences(sources, (line) => /\bas any\b/.test(codeOf(line)))).toEqual([])
  })

  test('only the command line prints to the console', () => {
    const engine = src.filter(({ path }) => !path.startsWith('src/cli/'))
    expect(offences(engine, (line) => /\bconsole\.\w+\(/.test(codeOf(line)))).toEqual([])
  })
})

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

  test('needs nothing at run time and runs nothing when it is installed', () => {
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies']) {
      expect(Object.keys(manifest[kind] ?? {}), kind).toEqual([])
    }
    const hooks = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare']
    expect(Object.keys(manifest.scripts).filter((name) => hooks.includes(name))).toEqual([])
  })

  test('says in docs/dependencies.md why it uses each package, and names no other', () => {
    const page = readFileSync(join(ROOT, 'docs', 'dependencies.md'), 'utf8')
    const explained = Array.from(page.matchAll(/^\| `([^`]+)` \|/gm), (match) => match[1]!)
    expect(explained.sort()).toEqual(Object.keys(manifest.devDependencies).sort())
  })

  test('has a lock file that any registry can serve', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
    expect(lock).not.toContain('"resolved"')
  })
})
