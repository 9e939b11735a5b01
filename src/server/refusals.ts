/**
 * What the dispatcher refuses a request with before it runs, as Redis words it, beside what the
 * rights of users and the state of the disk refuse (access-control.ts, guard.ts).
 */
import { latin1 } from '../bytes/text.ts'
import type { Command } from '../commands/command-table.ts'
import { CommandError, TOO_LONG } from '../commands/errors.ts'
import type { Args } from '../resp/args.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

export const NO_AUTH = new CommandError('NOAUTH Authentication required.')
export const NO_MULTI = new CommandError('ERR Command not allowed inside a transaction')

/** What a client that listens to channels may do with RESP2. */
const WHILE_SUBSCRIBED = new Set([
  'ping',
  'subscribe',
  'ssubscribe',
  'unsubscribe',
  'sunsubscribe',
  'psubscribe',
  'punsubscribe',
  'quit',
  'reset',
])
/** Redis cuts what it repeats of a request in an error after so many bytes. */
export const SHOWN_BYTES = 128

/** The directive that says who may call a protected command. */
function guardOf(command: Command): 'enable-debug-command' | 'enable-module-command' {
  return command.spec.name === 'DEBUG' ? 'enable-debug-command' : 'enable-module-command'
}

export function isAllowed(server: Server, session: Session, command: Command): boolean {
  return server.config.allows(guardOf(command), server.isLocal(session))
}

export function notAllowed(command: Command): CommandError {
  return new CommandError(
    `ERR ${command.spec.name} command not allowed. If the ${guardOf(command)} option is set to ` +
      '"local", you can run it from a local connection, otherwise you need to set this option in ' +
      'the configuration file, and then restart the server.',
  )
}

/** Whether a client that listens may not do this: with RESP2 it could not tell the reply. */
export function isKeptFrom(session: Session, command: Command): boolean {
  return session.protocol === 2 && !WHILE_SUBSCRIBED.has(command.fullName)
}

export function onlySubscriptions({ fullName }: Command): CommandError {
  return new CommandError(
    `ERR Can't execute '${fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / ` +
      'RESET are allowed in this context',
  )
}

export function isCrossProtocol(args: Args): boolean {
  return args.is(0, 'post') || args.is(0, 'host:')
}

/** What a request is told whose command, or subcommand, does not exist. */
export function unknownCommand(server: Server, args: Args): CommandError {
  const command = server.commands.find(args)
  if (command !== null) {
    const sub = shown(args, 1, SHOWN_BYTES)
    const container = args.text(0).toUpperCase()
    return new CommandError(`ERR unknown subcommand '${sub}'. Try ${container} HELP.`)
  }
  let beginning = ''
  for (let i = 1; i < args.count && beginning.length < SHOWN_BYTES; i++) {
    beginning += `'${shown(args, i, SHOWN_BYTES - beginning.length)}' `
  }
  const name = shown(args, 0, SHOWN_BYTES)
  return new CommandError(`ERR unknown command '${name}', with args beginning with: ${beginning}`)
}

/** Argument `index`, cut after `maxBytes` and at its first NUL, as C would print it. */
function shown(args: Args, index: number, maxBytes: number): string {
  const start = args.starts[index]!
  const text = latin1(args.bytes, start, Math.min(args.ends[index]!, start + maxBytes))
  const nul = text.indexOf('\0')
  return nul < 0 ? text : text.slice(0, nul)
}

/** What a command has thrown, as an error for the client. Throws on what is none. */
export function clientError(error: unknown): CommandError {
  if (error instanceof CommandError) return error
  // An argument that should have been a word may be longer than JavaScript's strings.
  if ((error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG') return TOO_LONG
  // V8's own words, where texts have been put together.
  if (error instanceof RangeError && error.message === 'Invalid string length') return TOO_LONG
  throw error
}
