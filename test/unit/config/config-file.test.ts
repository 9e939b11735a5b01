import { describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../../src/config/command-line.ts'
import { Config } from '../../../src/config/config.ts'
import { ConfigFileError, loadConfig } from '../../../src/config/config-file.ts'
import { MemoryFiles } from './memory-files.ts'

const FILE = '/etc/redstart.conf'

interface Loaded {
  config: Config
  files: MemoryFiles
  notices: string[]
}

function load(argv: string[], contents: Record<string, string> = {}, stdin = ''): Loaded {
  const files = new MemoryFiles()
  for (const [path, text] of Object.entries(contents)) files.put(path, text)
  const config = new Config(files, { directory: '/etc' })
  const notices = loadConfig(config, parseCommandLine(argv), {
    readStandardInput: () => Buffer.from(stdin),
    listDirectory: (directory) => files.list(directory),
  })
  return { config, files, notices: notices.map(({ level, text }) => `${level}: ${text}`) }
}

function loadText(text: string): Config {
  return load([FILE], { [FILE]: text }).config
}

function errorOf(argv: string[], contents: Record<string, string> = {}): string {
  try {
    load(argv, contents)
  } catch (error) {
    if (error instanceof ConfigFileError) return error.text
    throw error
  }
  throw new Error('no error')
}

function fatal(lineNumber: number, line: string, reason: string): string {
  return (
    '\n*** FATAL CONFIG FILE ERROR (Redis 7.2.6) ***\n' +
    `Reading the configuration file, at line ${lineNumber}\n>>> '${line}'\n${reason}\n`
  )
}

describe('a file', () => {
  test('has comments, blank lines, quotes and names in any case', () => {
    const config = loadText(
      '# comment\r\n\n  \t\n  PORT 7000  \r\nrequirepass "a \\x01\\"b"\nlogfile \'/data/x y\'\n',
    )
    expect(config.get('port')).toBe(7000)
    expect(config.get('requirepass')).toBe('a \x01"b')
    expect(config.get('logfile')).toBe('/data/x y')
    expect(config.file).toBe(FILE)
  })

  test('replaces the default save points with its own, which add up', () => {
    expect(loadText('port 1').print('save')).toBe('3600 1 300 100 60 10000')
    expect(loadText('save 1 2\nsave 3 4 5 6').print('save')).toBe('1 2 3 4 5 6')
    expect(loadText('save "1 2"').print('save')).toBe('1 2')
    expect(loadText('save 1 2\nsave ""').print('save')).toBe('')
    expect(loadText('save 1 2\nsave ""\nsave 3 4').print('save')).toBe('3 4')
  })

  test('takes the last of repeated lines, by either name', () => {
    const config = loadText('hash-max-listpack-entries 20\nhash-max-ziplist-entries 21\n')
    expect(config.get('hash-max-listpack-entries')).toBe(21)
  })

  test('keeps for the server what is no value', () => {
    const { fileOnly } = loadText(
      'rename-command FLUSHDB ""\nUser alice on\nloadmodule /x.so a\nmod.key v\nsentinel\n' +
        'lua-replicate-commands yes\n',
    )
    expect(fileOnly.renamedCommands[0].args).toEqual(['rename-command', 'FLUSHDB', ''])
    expect(fileOnly.users).toEqual([
      { lineNumber: 2, line: 'User alice on', args: ['user', 'alice', 'on'] },
    ])
    expect(fileOnly.modules[0].args).toEqual(['loadmodule', '/x.so', 'a'])
    expect(fileOnly.moduleSettings[0].args).toEqual(['mod.key', 'v'])
  })

  test('includes files, relative to dir, and patterns of them', () => {
    const { config } = load([FILE], {
      [FILE]: 'include /etc/one.conf\ninclude none/*.conf\ninclude redstart/*.conf\ntimeout 9\n',
      '/etc/one.conf': 'dir /etc\nport 1',
      '/etc/redstart/a.conf': 'port 2\nhz 20',
      '/etc/redstart/b.conf': 'hz 30\ntimeout 8',
      '/etc/redstart/.c.conf': 'hz 40',
      '/etc/redstart/d.txt': 'hz 50',
    })
    expect([config.get('port'), config.get('hz'), config.get('timeout')]).toEqual([2, 30, 9])
  })

  test('ends the gathering of save points with an include, as Redis does', () => {
    const { config } = load([FILE], {
      [FILE]: 'save 1 1\ninclude b.conf\nsave 2 2\n',
      '/etc/b.conf': 'save 3 3\n',
    })
    expect(config.print('save')).toBe('2 2')
  })

  test('of a cluster has one database, and says so', () => {
    const { config, notices } = load(['--cluster-enabled', 'yes'])
    expect(config.get('databases')).toBe(1)
    expect(notices).toEqual([
      'warning: WARNING: Changing databases number from 16 to 1 since we are in cluster mode',
    ])
  })
})

describe('fatal errors', () => {
  test.each([
    ['port 1\nbogus x', 2, 'bogus x', 'Bad directive or wrong number of arguments'],
    [' port "1 ', 1, 'port "1', 'Unbalanced quotes in configuration line'],
    ['port 1 2', 1, 'port 1 2', 'wrong number of arguments'],
    ['port', 1, 'port', 'wrong number of arguments'],
    ['port x', 1, 'port x', "argument couldn't be parsed into an integer"],
    [
      'unixsocketperm 1777',
      1,
      'unixsocketperm 1777',
      'argument must be between 0 and 777 inclusive',
    ],
    ['unixsocketperm 8', 1, 'unixsocketperm 8', "argument couldn't be parsed as an octal number"],
    ['dir /none', 1, 'dir /none', 'No such file or directory'],
    ['a.b', 1, 'a.b', 'Module config specified without value'],
    ['sentinel x', 1, 'sentinel x', 'sentinel directive while not in sentinel mode'],
    ['rename-command a', 1, 'rename-command a', 'Bad directive or wrong number of arguments'],
    ['replicaof h 65536', 1, 'replicaof h 65536', 'Invalid master port'],
    ['replicaof h', 1, 'replicaof h', 'wrong number of arguments'],
    [
      'client-output-buffer-limit normal 1',
      1,
      'client-output-buffer-limit normal 1',
      'Wrong number of arguments in buffer limit configuration.',
    ],
  ])('%j', (text, lineNumber, line, reason) => {
    expect(errorOf([FILE], { [FILE]: text })).toBe(fatal(lineNumber, line, reason))
  })

  test('count lines within the included file', () => {
    const contents = { [FILE]: '\n\ninclude b.conf', '/etc/b.conf': '\nport x' }
    expect(errorOf([FILE], contents)).toContain("at line 2\n>>> 'port x'\n")
  })

  test('of a missing file are lines of the log', () => {
    expect(errorOf([FILE])).toBe(
      `Fatal error, can't open config file '${FILE}': No such file or directory`,
    )
    expect(errorOf([FILE], { [FILE]: 'include b.conf' })).toBe(
      "Fatal error, can't open config file 'b.conf': No such file or directory",
    )
  })

  test('of the whole name no line', () => {
    const head = '\n*** FATAL CONFIG FILE ERROR (Redis 7.2.6) ***\n'
    expect(errorOf([FILE], { [FILE]: 'cluster-enabled yes\nreplicaof a 1' })).toBe(
      `${head}replicaof directive not allowed in cluster mode\n`,
    )
    const files = new MemoryFiles()
    files.broken.set('/etc/x.log', 'EACCES')
    const config = new Config(files, { directory: '/etc' })
    expect(() => loadConfig(config, parseCommandLine(['--logfile', 'x.log']))).toThrow(
      "Can't open the log file: Permission denied",
    )
  })

  test('end files that include one another', () => {
    expect(errorOf([FILE], { [FILE]: `include ${FILE}` })).toContain('too deeply')
  })
})

describe('the command line', () => {
  test('adds to the file and to standard input', () => {
    const contents = { [FILE]: 'port 1\nhz 20\nsave 900 1' }
    const { config, notices } = load(
      [FILE, '--port', '3', '--save', '100 100', '-'],
      contents,
      'port 2\ntimeout 5\n',
    )
    expect([config.get('port'), config.get('hz'), config.get('timeout')]).toEqual([3, 20, 5])
    expect(config.print('save')).toBe('900 1 100 100')
    expect(notices).toEqual(['notice: Reading config from stdin'])
  })

  test.each([
    ['--save', '--loglevel', 'verbose'],
    ['--loglevel', 'verbose', '--save'],
    ['--save', '', '--loglevel', 'verbose'],
    ['--loglevel', 'verbose', '--save', ''],
  ])('takes an empty save: %s %s %s %s', (...argv) => {
    const { config } = load(argv)
    expect([config.print('save'), config.get('loglevel')]).toEqual(['', 'verbose'])
  })

  test('takes names and values in one argument, and values that begin with dashes', () => {
    const { config } = load(['--maxmemory 700mb', "--maxmemory-policy 'volatile-lru'"])
    expect(config.get('maxmemory')).toBe(734003200)
    expect(config.get('maxmemory-policy')).toBe('volatile-lru')
    const other = load(['--proc-title-template', '--save', '--save', '', '--loglevel', 'verbose'])
    expect(other.config.get('proc-title-template')).toBe('--save')
    expect(other.config.print('save')).toBe('')
    const flags = load(['--shutdown-on-sigint', 'nosave', 'force', 'now']).config
    expect(flags.get('shutdown-on-sigint')).toEqual(['nosave', 'now', 'force'])
  })

  test.each([
    [['--port'], fatal(2, 'port', 'wrong number of arguments')],
    [['--port', '6379', '6380'], fatal(2, 'port "6379" "6380"', 'wrong number of arguments')],
    [
      ['--port', '--bla', '--loglevel', 'verbose'],
      fatal(2, 'port "--bla"', "argument couldn't be parsed into an integer"),
    ],
    [
      ['--hz', '5', '--nonsense', 'x'],
      fatal(3, 'nonsense "x"', 'Bad directive or wrong number of arguments'),
    ],
  ])('%j is refused', (argv, text) => {
    expect(errorOf(argv)).toBe(text)
  })

  test('is split into file, standard input and options', () => {
    expect(parseCommandLine([])).toEqual({ file: null, standardInput: false, options: '' })
    expect(parseCommandLine(['-', '--port', '1'])).toEqual({
      file: null,
      standardInput: true,
      options: 'port "1" ',
    })
    expect(parseCommandLine(['x', 'port', '-', 'é'])).toEqual({
      file: 'x',
      standardInput: false,
      options: '"port" "-" "\\xc3\\xa9" ',
    })
  })
})
