/**
 * The configuration that a server process starts with: the command line, the files and standard
 * input, and those lines that are not directives (`rename-command`, `user`, `loadmodule`). What
 * cannot be honoured is an error and not passed over: a server that ignored its users' rights
 * would be open to anybody.
 */
import fs from 'node:fs'
import nodePath from 'node:path'
import { type CommandLine, parseCommandLine } from '../config/command-line.ts'
import type { Config, FileLine } from '../config/config.ts'
import { fatalConfigError, loadConfig, type Notice } from '../config/config-file.ts'
import { errorMessage } from '../config/system-error.ts'
import type { Server } from '../server/server.ts'

/** What was read, apart from the directives' values. */
export interface StartConfig {
  readonly notices: readonly Notice[]
  /** All of standard input when `-` asked for it; a copy of this process needs it again. */
  readonly standardInput: Uint8Array | null
}

/** Reads all configuration into `config`. Throws a ConfigFileError. */
export function readStartConfig(config: Config, argv: readonly string[]): StartConfig {
  let standardInput: Uint8Array | null = null
  const commandLine = parseCommandLine(argv)
  if (isDurableUnasked(commandLine)) logToOwnDirectory(config)
  const notices = loadConfig(config, commandLine, {
    readStandardInput: () => {
      standardInput = fs.readFileSync(0)
      return standardInput
    },
  })
  refuseUnserved(config)
  return { notices, standardInput }
}

/** Directives by which users say themselves what becomes of their data. */
const DURABILITY = ['appendonly', 'dir', 'include', 'save']
const OWN_DIRECTORY = 'redstart-data'

/** Whether nothing at all is said of the data: no file, and no option about it. */
function isDurableUnasked({ file, options, standardInput }: CommandLine): boolean {
  if (file !== null || standardInput) return false
  const names = options.split('\n').map((line) => line.split(' ', 1)[0].toLowerCase())
  return !names.some((name) => DURABILITY.includes(name))
}

/**
 * Redis would save every few minutes, into the present directory. Here nothing older than a second
 * is lost, and what is kept lies in a directory of its own.
 */
function logToOwnDirectory(config: Config): void {
  const directory = nodePath.join(config.get('dir'), OWN_DIRECTORY)
  try {
    fs.mkdirSync(directory, { recursive: true })
  } catch (error) {
    const reason = `Can't create the directory for the data, ${directory}: ${errorMessage(error)}`
    throw fatalConfigError(config.version, `${reason}. --dir names another`, null)
  }
  config.assign('dir', [OWN_DIRECTORY])
  config.assign('appendonly', ['yes'])
  config.assign('save', [''])
}

/** What the log says of where the configuration is from: a bare start may be a slip. */
export function configurationNotice(argv: readonly string[]): Notice {
  if (argv.length > 0) return { level: 'notice', text: 'Configuration loaded' }
  const text =
    'No configuration file was given, so the defaults are used; ' +
    '`redstart /path/to/redis.conf` gives one'
  return { level: 'warning', text }
}

function refuseUnserved(config: Config): void {
  const { modules, moduleSettings } = config.fileOnly
  const refuse = (line: FileLine, reason: string) => {
    throw fatalConfigError(config.version, reason, line)
  }
  if (modules.length > 0) refuse(modules[0], 'Redstart loads no modules')
  if (moduleSettings.length > 0) refuse(moduleSettings[0], 'There is no module with this setting')
}

/** Looks at the `user` lines, whose users are made later. Throws a ConfigFileError. */
export function checkUsers(server: Server): void {
  const { config } = server
  const lines = config.fileOnly.users
  const wrong = server.access.acl.checkDeclarations(
    lines.map(({ args: [, name, ...words] }) => ({ name, words })),
  )
  if (wrong !== null) throw fatalConfigError(config.version, wrong.error, lines[wrong.index])
}

/** Applies the `rename-command` lines. Throws a ConfigFileError. */
export function renameCommands(server: Server): void {
  const { config, commands } = server
  for (const line of config.fileOnly.renamedCommands) {
    const [, from, to] = line.args
    const failure = commands.rename(from, to)
    if (failure === null) continue
    // The name that it has already is no other command's.
    if (failure === 'name taken' && from.toLowerCase() === to.toLowerCase()) continue
    const reason =
      failure === 'no such command'
        ? 'No such command in rename-command'
        : 'Target command name already exists'
    throw fatalConfigError(config.version, reason, line)
  }
}
