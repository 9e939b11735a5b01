/**
 * `redstart cli`: a client for people and for scripts, in the place of redis-cli 7.2. It reads the
 * command line and goes on to what that asks for: one command, a mode, or a session at the prompt.
 * Everything that is not needed by all of them is loaded when its turn comes, so that the prompt is
 * there at once.
 */
import fs from 'node:fs'
import { splitArguments } from '../../bytes/quote.ts'
import { fromLatin1, latin1 } from '../../bytes/text.ts'
import { encoded } from '../../config/byte-string.ts'
import {
  type ClientOptions,
  CommandLineError,
  type ParsedCommandLine,
  parseClientOptions,
} from './client-options.ts'
import { ClientSession } from './client-session.ts'
import { Exit, type Output, ProcessOutput } from './output.ts'

/** Runs the client. @returns the status to exit with */
export async function runClient(argv: readonly string[]): Promise<number> {
  const output = new ProcessOutput()
  try {
    return await runParsed(
      parseClientOptions(argv, output.isTerminal, isDirectory, unquote),
      output,
    )
  } catch (error) {
    if (error instanceof Exit) return error.status
    if (!(error instanceof CommandLineError)) throw error
    output.error(`${encoded(error.message)}\n`)
    return 1
  } finally {
    await output.flush()
  }
}

async function runParsed(
  { options, warnings }: ParsedCommandLine,
  output: Output,
): Promise<number> {
  if (options.mode === 'help' || options.mode === 'version') {
    const { usageText, versionText } = await import('./usage.ts')
    output.print(options.mode === 'help' ? usageText() : versionText())
    return 0
  }
  for (const warning of warnings) output.error(encoded(warning))
  options.password ??= fromEnvironment('REDISCLI_AUTH')
  if (options.asksPassword) {
    const { askPassword } = await import('./password.ts')
    options.password = encoded(await askPassword('Please input password: '))
  }
  const session = new ClientSession(options, output)
  if (options.standalone !== null) {
    const { beginStandalone } = await import('./standalone.ts')
    await beginStandalone(session, options.standalone)
  }
  try {
    return await runSession(session)
  } finally {
    await session.standalone?.end()
  }
}

async function runSession(session: ClientSession): Promise<number> {
  const { options } = session
  if (options.mode !== 'commands') return (await import('./modes/modes.ts')).runMode(session)
  if (options.words.length === 0 && options.evalFile === null) {
    return (await import('./repl.ts')).runRepl(session)
  }
  return options.evalFile === null ? runCommand(session) : runScript(session, options.evalFile)
}

function fromEnvironment(name: string): string | null {
  const value = process.env[name]
  return value === undefined ? null : encoded(value)
}

function isDirectory(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** The one argument that a text quotes, or null if it is not one. */
function unquote(text: string): string | null {
  const words = splitArguments(fromLatin1(text))
  return words?.length === 1 ? latin1(words[0]) : null
}

/** Runs the command of the command line, and reads on where it subscribes. */
async function runCommand(session: ClientSession): Promise<number> {
  const { options, output } = session
  const words = withStandardInput(options, output)
  if (words === null) return 1
  if (/^(help|\?)$/i.test(words[0])) {
    const { Help } = await import('./help.ts')
    await session.connect({ isQuiet: true })
    output.print((await Help.of(session)).show(words.slice(1)))
    return 0
  }
  if (words.length === 2 && words[0].toLowerCase() === 'peek') return runPeek(session, words[1])
  await session.connect({ isQuiet: true })
  const isAnswered = await session.run(words, options.repeat)
  while (session.isSubscribed) await session.readReply(false)
  return isAnswered ? 0 : 1
}

async function runPeek(session: ClientSession, key: string): Promise<number> {
  if (!(await session.connect())) return 1
  const { peek } = await import('./peek.ts')
  session.output.write(await peek(session.connection!, key))
  return 0
}

/** The command's words, with what standard input is to be put in for; null if that is wrong. */
function withStandardInput(options: ClientOptions, output: Output): string[] | null {
  const words: string[] = []
  for (const word of options.words) {
    const plain = options.quotedInput ? unquote(word) : word
    if (plain === null) {
      output.write('Invalid quoted string\n')
      return null
    }
    words.push(plain)
  }
  if (options.stdinIsLast) words.push(readStandardInput())
  if (options.stdinTag !== null) {
    const i = words.indexOf(options.stdinTag)
    if (i < 0) {
      output.error('Using -X option but stdin tag not match.\n')
      return null
    }
    words[i] = readStandardInput()
  }
  return words
}

function readStandardInput(): string {
  return fs.readFileSync(0).toString('latin1')
}

/** Sends a script with the keys and, behind a comma, the arguments of the command line. */
async function runScript(session: ClientSession, file: string): Promise<number> {
  const { options, output } = session
  if (!(await session.connect())) return 1
  let script: string
  try {
    script = fs.readFileSync(file).toString('latin1')
  } catch (error) {
    const { errorMessage } = await import('../../config/system-error.ts')
    output.error(encoded(`Can't open file '${file}': ${errorMessage(error)}\n`))
    return 1
  }
  const { words } = options
  const comma = words.indexOf(',')
  const keys = comma < 0 ? words : words.slice(0, comma)
  const rest = comma < 0 ? [] : words.slice(comma + 1)
  const command = ['EVAL', script, String(keys.length), ...keys, ...rest]
  return (await session.run(command, options.repeat)) ? 0 : 1
}
