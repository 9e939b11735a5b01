/**
 * Access rights in the running server: refusing what a session's user may not do, telling it in
 * ACL LOG and INFO, logging in, and cutting off those whom a change has taken a right from.
 *
 * A session holds its `User` itself; one whose user may do everything is asked nothing further than
 * that (`user.hasAllRights`, in the dispatcher). A session is cut off when its user is removed or
 * loses a channel that the session listens to; any other right is asked for again with the next
 * command, and with one that has waited. Source: Redis 7.2.6 (acl.c, multi.c).
 */
import nodePath from 'node:path'
import { Acl } from '../acl/acl.ts'
import { parseAclFile } from '../acl/acl-file.ts'
import { AclLog, type LogContext } from '../acl/acl-log.ts'
import { rulesOf, type UserRules } from '../acl/describe.ts'
import {
  ALLOWED,
  DENIED_AUTH,
  DENIED_CHANNEL,
  DENIED_COMMAND,
  DENIED_KEY,
  type Verdict,
} from '../acl/permissions.ts'
import { hasSpaces } from '../acl/rules.ts'
import { READ } from '../acl/selector.ts'
import type { User } from '../acl/user.ts'
import { quoted } from '../bytes/quote.ts'
import { beginningOf, fromLatin1 } from '../bytes/text.ts'
import type { Command } from '../commands/command-table.ts'
import { loggedClientLine } from '../commands/connection/client-line.ts'
import { CommandError } from '../commands/errors.ts'
import { errorCode, errorMessage } from '../config/system-error.ts'
import type { Args } from '../resp/args.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

/** So much of a name goes into ACL LOG: it may be as long as a request. */
const LOGGED_BYTES = 1024

const NO_KEY = new CommandError('NOPERM No permissions to access a key')
const NO_CHANNEL = new CommandError('NOPERM No permissions to access a channel')
const SINCE_QUEUED =
  'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC ' +
  'call. This command is no longer allowed for the following reason: no permission to '
const QUEUED_COMMAND = new CommandError(`${SINCE_QUEUED}execute the command or subcommand`)
const QUEUED_KEY = new CommandError(`${SINCE_QUEUED}touch the specified keys`)
const QUEUED_CHANNEL = new CommandError(
  `${SINCE_QUEUED}access one of the channels used as arguments`,
)
const BOTH_FILE_AND_LINES =
  'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path ' +
  'is invalid. This setup is very likely to lead to configuration errors and security holes, ' +
  'please define either an ACL file or declare users directly in your redis.conf, but not both.'

export class AccessControl {
  readonly acl: Acl
  readonly log = new AclLog()
  // What INFO counts.
  deniedAuth = 0
  deniedCommands = 0
  deniedKeys = 0
  deniedChannels = 0
  /** What the last request that `denies` refused is answered. */
  refusal: CommandError = NO_KEY
  private readonly server: Server

  constructor(server: Server) {
    this.server = server
    this.acl = new Acl(server.commands, (text) => server.log('warning', text))
  }

  resetStats(): void {
    this.deniedAuth = 0
    this.deniedCommands = 0
    this.deniedKeys = 0
    this.deniedChannels = 0
  }

  // Requests

  /** Whether a session may not make a request; `refusal` says then what it is answered. */
  denies(session: Session, command: Command, args: Args): boolean {
    const verdict = this.acl.permissions.check(session.user, command, args)
    if (verdict === ALLOWED) return false
    session.lastCommand = command.fullName
    this.note(session, verdict, this.objectOf(verdict, command, args), args)
    if (verdict === DENIED_KEY) this.refusal = NO_KEY
    else if (verdict === DENIED_CHANNEL) this.refusal = NO_CHANNEL
    else this.refusal = new CommandError(`NOPERM ${deniedCommand(session.user, command)}`)
    return true
  }

  /** The same for a request that was queued, when EXEC comes to it. */
  deniesQueued(session: Session, command: Command, args: Args): boolean {
    const verdict = this.acl.permissions.check(session.user, command, args)
    if (verdict === ALLOWED) return false
    this.note(session, verdict, this.objectOf(verdict, command, args), args)
    this.refusal =
      verdict === DENIED_KEY
        ? QUEUED_KEY
        : verdict === DENIED_CHANNEL
          ? QUEUED_CHANNEL
          : QUEUED_COMMAND
    return true
  }

  /** Why a user may not make a request, in full; null if it may (ACL DRYRUN). */
  explain(user: User, command: Command, args: Args): string | null {
    const { permissions } = this.acl
    const verdict = permissions.check(user, command, args)
    if (verdict === ALLOWED) return null
    if (verdict === DENIED_COMMAND) return deniedCommand(user, command)
    const what = verdict === DENIED_KEY ? 'key' : 'channel'
    const object = args.text(permissions.place)
    return `User ${user.name} has no permissions to access the '${object}' ${what}`
  }

  /** Whether a session may make a request and read any key besides, as SORT's BY and GET do. */
  mayReadAllKeys({ user }: Session, args: Args): boolean {
    if (user.hasAllRights) return true
    const command = this.server.commands.find(args)
    return command !== null && this.acl.permissions.allowsAllKeys(user, command, args, READ)
  }

  private objectOf(verdict: Verdict, command: Command, args: Args): string {
    return verdict === DENIED_COMMAND
      ? command.fullName
      : args.beginning(this.acl.permissions.place, LOGGED_BYTES)
  }

  /** Counts a refusal, and enters it in the log. */
  private note(
    session: Session,
    verdict: Verdict,
    object: string,
    args: Args,
    name = session.user.name,
  ): void {
    const userName = beginningOf(name, LOGGED_BYTES)
    if (verdict === DENIED_AUTH) this.deniedAuth++
    else if (verdict === DENIED_COMMAND) this.deniedCommands++
    else if (verdict === DENIED_KEY) this.deniedKeys++
    else this.deniedChannels++
    const context: LogContext = session.transaction === null ? 'toplevel' : 'multi'
    const clientInfo = loggedClientLine(session, args)
    const { clock, config } = this.server
    const maxLength = config.get('acllog-max-len')
    this.log.add(verdict, { context, object, userName, clientInfo }, clock.nowMs, maxLength)
  }

  // Logging in

  /**
   * Makes a session one of the user of this name, if the password is right.
   *
   * @param args the request, which is told in the log if it is not
   */
  logIn(session: Session, name: string, password: Uint8Array, args: Args): boolean {
    const user = this.acl.authenticate(name, password)
    if (user === null) {
      this.note(session, DENIED_AUTH, args.beginning(0, LOGGED_BYTES), args, name)
      return false
    }
    session.user = user
    session.authenticated = true
    return true
  }

  /** Gives a session all rights, whatever users there are: it is the process's own. */
  trust(session: Session): void {
    session.user = this.acl.superuser
    session.authenticated = true
  }

  /** Has a session be what a new one is. */
  logOut(session: Session): void {
    session.user = this.acl.defaultUser
    session.authenticated = !this.acl.requiresAuth
  }

  // Users

  /** The rules of a user by name; null if there is no such user. */
  rulesOf(name: string): UserRules | null {
    const user = this.acl.get(name)
    return user === undefined ? null : rulesOf(user)
  }

  /** Whether a user can have this name: rules could not be read back otherwise. */
  isName(name: string): boolean {
    return !hasSpaces(name)
  }

  /** ACL SETUSER. @returns the text of the error, or null; then nothing has changed */
  setUser(name: string, words: readonly string[], by: Session): string | null {
    const draft = this.acl.draft(name, words)
    if (typeof draft === 'string') return draft
    const user = this.acl.get(name)
    if (user !== undefined) this.cutOffListeners(user, draft, by)
    this.acl.adopt(draft)
    return null
  }

  /** ACL DELUSER. @returns whether there was such a user */
  removeUser(name: string, by: Session): boolean {
    const user = this.acl.remove(name)
    if (user !== null) this.cutOff((session) => session.user === user, by)
    return user !== null
  }

  private cutOff(isMeant: (session: Session) => boolean, by: Session | null): void {
    for (const session of [...this.server.sessions.values()]) {
      if (!isMeant(session)) continue
      session.user = this.acl.defaultUser
      session.authenticated = false
      // Who did it is still told so.
      if (session === by) session.closeAfterReply()
      else session.destroy()
    }
  }

  /** Cuts off the user's sessions that listen to what a change forbids them. */
  private cutOffListeners(user: User, changed: User, by: Session): void {
    const { pubsub } = this.server
    if (!pubsub.hasListeners && pubsub.shardChannels.size === 0) return
    if (changed.selectors.some((selector) => selector.allChannels)) return
    const may = (name: string, isPattern: boolean): boolean => {
      const bytes = fromLatin1(name)
      return changed.selectors.some((selector) =>
        selector.allowsChannel(bytes, 0, bytes.length, isPattern),
      )
    }
    this.cutOff(({ subscriptions, user: own }) => {
      if (own !== user || subscriptions === null) return false
      const { channels, patterns, shardChannels } = subscriptions
      return (
        [...patterns].some((name) => !may(name, true)) ||
        [...channels, ...shardChannels].some((name) => !may(name, false))
      )
    }, by)
  }

  // The ACL file and the configuration file

  /** The users as CONFIG REWRITE writes them; null where the ACL file holds them. */
  get configLines(): string[] | null {
    if (this.server.config.get('aclfile') !== '') return null
    return this.acl.lines().map((line) => quotedWords(line.slice('user '.length)))
  }

  private get filePath(): string {
    const { config } = this.server
    return nodePath.resolve(config.get('dir'), config.get('aclfile'))
  }

  /**
   * Takes the users from the ACL file. Sessions of all users but the default one are cut off, as
   * their users are no more.
   *
   * @returns the text of the errors, or null; then nothing has changed
   */
  load(by: Session | null): string | null {
    const { config, files } = this.server
    const fileName = config.get('aclfile')
    let content: Uint8Array
    try {
      content = files.readFile(this.filePath)
    } catch (error) {
      if (errorCode(error) === null) throw error
      return `Error loading ACLs, opening file '${fileName}': ${errorMessage(error)}`
    }
    const users = parseAclFile(content, fileName, this.acl)
    if (typeof users === 'string') return users
    const gone = new Set(this.acl.replaceAll(users))
    this.cutOff(({ user }) => gone.has(user), by)
    return null
  }

  /** Writes the users to the ACL file: all of it or nothing. @returns whether that went well */
  save(): boolean {
    const content = this.acl
      .lines()
      .map((line) => `${line}\n`)
      .join('')
    try {
      this.server.files.replaceFile(this.filePath, fromLatin1(content))
      return true
    } catch (error) {
      if (errorCode(error) === null) throw error
      this.server.log('warning', `Writing ACL file for ACL SAVE: ${errorMessage(error)}`)
      return false
    }
  }

  /**
   * Makes the users that the configuration declares, in its own lines or in the ACL file.
   *
   * @returns why the server may not start, which is in the log, or null
   */
  loadAtStart(): string | null {
    const { server } = this
    const users = server.config.fileOnly.users.map(({ args: [, name, ...words] }) => ({
      name: name!,
      words,
    }))
    const hasFile = server.config.get('aclfile') !== ''
    if (hasFile && users.length > 0) {
      server.log('warning', BOTH_FILE_AND_LINES)
      return BOTH_FILE_AND_LINES
    }
    const failure = this.acl.declare(users, (text) => server.log('notice', text))
    if (failure !== null) {
      server.log('warning', failure)
      server.log('warning', 'Critical error while loading ACLs. Exiting.')
      return failure
    }
    const errors = hasFile ? this.load(null) : null
    if (errors !== null) {
      server.log('warning', `Aborting Redis startup because of ACL errors: ${errors}`)
    }
    return errors
  }
}

/** A line of words for a file in which quotes have a meaning. Redis could not read it back. */
function quotedWords(line: string): string {
  const words = line.split(' ')
  return words.map((word) => (/["']/.test(word) ? quoted(fromLatin1(word)) : word)).join(' ')
}

function deniedCommand(user: User, command: Command): string {
  return `User ${user.name} has no permissions to run the '${command.fullName}' command`
}
