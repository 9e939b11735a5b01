/**
 * The users of a server, and what they may do. There is always a user `default`, which connections
 * are until they say who they are, and which may do everything unless it is told otherwise.
 *
 * A user is changed by way of a copy: rules are applied all together or not at all. Who is using
 * the server at the moment is not known here: cutting off those who lost a right is the server's
 * matter. Source of behaviour and texts: Redis 7.2.6 (acl.c).
 */
import { fromLatin1 } from '../bytes/text.ts'
import { untilNul } from '../commands/c-string.ts'
import type { CommandTable } from '../commands/command-table.ts'
import { DEFAULT_USER } from '../commands/connection/credentials.ts'
import { userLine } from './describe.ts'
import { hashPassword } from './password.ts'
import { Permissions } from './permissions.ts'
import { applyRule, hasSpaces, mergeSelectors, type RuleSetting, UNKNOWN_COMMAND } from './rules.ts'
import { User } from './user.ts'

const ALL_RIGHTS = ['+@all', '~*', '&*', 'on', 'nopass']
const DUPLICATE_USER = 'Duplicate user found. A user can only be defined once in config files'
const UNMATCHED = 'Wrong format'

/** A user's rules as a configuration file gives them. */
export interface UserDeclaration {
  readonly name: string
  readonly words: readonly string[]
}

export class Acl implements RuleSetting {
  readonly commands: CommandTable
  readonly permissions = new Permissions()
  readonly warn: (text: string) => void
  readonly defaultUser: User
  /** Whom nothing is refused, and as whom nobody can log in. */
  readonly superuser: User
  /** Clients have to say who they are: what they are without it may not do anything. */
  requiresAuth = false
  allChannelsByDefault = false
  private users = new Map<string, User>()

  constructor(commands: CommandTable, warn: (text: string) => void) {
    this.commands = commands
    this.warn = warn
    this.defaultUser = this.withAllRights(DEFAULT_USER)
    this.users.set(DEFAULT_USER, this.defaultUser)
    this.superuser = this.withAllRights('(superuser)')
  }

  private newUser(name: string): User {
    return new User(name, this.commands.idCount, this.allChannelsByDefault)
  }

  private withAllRights(name: string): User {
    const user = this.newUser(name)
    for (const rule of ALL_RIGHTS) applyRule(user, rule, this)
    return user
  }

  get(name: string): User | undefined {
    return this.users.get(name)
  }

  /** All users, in the order of their names' bytes. */
  all(): User[] {
    return [...this.users.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** A line for each user, as ACL LIST and ACL files have them. */
  lines(): string[] {
    return this.all().map(userLine)
  }

  /** The user with this name and password, if the user may log in. */
  authenticate(name: string, password: Uint8Array): User | null {
    // The work is the same whether there is such a user or not.
    const hash = hashPassword(password)
    const user = this.users.get(name)
    return user?.accepts(hash) ? user : null
  }

  /** What `requirepass` says: the only password of the default user, or none for ''. */
  setDefaultPassword(password: string): void {
    const user = this.defaultUser
    user.needsNoPassword = password === ''
    user.passwords = password === '' ? [] : [hashPassword(fromLatin1(password))]
    this.update()
  }

  private update(): void {
    const { isEnabled, needsNoPassword } = this.defaultUser
    this.requiresAuth = !needsNoPassword || !isEnabled
  }

  /**
   * Makes a copy of the user of a name, or a new one, to which rules have been applied.
   *
   * @returns the copy, which nobody uses yet, or the text of the error
   */
  draft(name: string, words: readonly string[]): User | string {
    const rules = mergeSelectors(words)
    if (typeof rules === 'number') {
      return `Unmatched parenthesis in acl selector starting at '${untilNul(words[rules]!)}'.`
    }
    const draft = this.newUser(name)
    const user = this.users.get(name)
    if (user !== undefined) draft.takeRulesOf(user)
    for (const rule of rules) {
      const error = applyRule(draft, rule, this)
      if (error !== null) return `Error in ACL SETUSER modifier '${untilNul(rule)}': ${error}`
    }
    return draft
  }

  /** Has the rules of a draft be those of the user of its name. */
  adopt(draft: User): void {
    const user = this.users.get(draft.name)
    if (user === undefined) this.users.set(draft.name, draft)
    else user.takeRulesOf(draft)
    this.update()
  }

  /** Removes a user. @returns the user that there was */
  remove(name: string): User | null {
    const user = this.users.get(name)
    if (user === undefined) return null
    this.users.delete(name)
    return user
  }

  /**
   * Has these be all users. The default user stays the same object with new rules.
   *
   * @returns the users of before, without the default one
   */
  replaceAll(users: ReadonlyMap<string, User>): User[] {
    const before = [...this.users.values()].filter((user) => user !== this.defaultUser)
    this.defaultUser.takeRulesOf(users.get(DEFAULT_USER) ?? this.withAllRights(DEFAULT_USER))
    this.users = new Map(users)
    this.users.set(DEFAULT_USER, this.defaultUser)
    this.update()
    return before
  }

  /**
   * Looks at the `user` lines of a configuration file without making the users. Commands that are
   * not known are passed over here, and told when the users are made.
   *
   * @returns what is wrong, with the index of the declaration, or null
   */
  checkDeclarations(users: readonly UserDeclaration[]): { index: number; error: string } | null {
    const names = new Set<string>()
    for (let index = 0; index < users.length; index++) {
      const { name, words } = users[index]!
      const line = ['user', name, ...words]
      const wrong = (at: number, reason: string) => ({
        index,
        error: `Error in user declaration '${line[at]}': ${reason}`,
      })
      if (names.has(name)) return wrong(1, DUPLICATE_USER)
      names.add(name)
      const rules = mergeSelectors(words)
      if (typeof rules === 'number') return wrong(rules, UNMATCHED)
      const draft = this.newUser(name)
      for (let i = 0; i < rules.length; i++) {
        const error = applyRule(draft, rules[i]!, this)
        // Redis counts from the line's first word here, which names an earlier one.
        if (error !== null && error !== UNKNOWN_COMMAND) return wrong(i, error)
      }
    }
    return null
  }

  /** Makes the users of a configuration file. @returns what is wrong, or null */
  declare(users: readonly UserDeclaration[], notice: (text: string) => void): string | null {
    for (const { name, words } of users) {
      if (hasSpaces(name)) return 'Spaces not allowed in ACL usernames'
      const draft = this.newUser(name)
      const rules = mergeSelectors(words)
      for (const rule of typeof rules === 'number' ? words : rules) {
        const error = applyRule(draft, rule, this)
        if (error === null) continue
        return `Error loading ACL rule '${rule}' for the user named '${name}': ${error}`
      }
      this.adopt(draft)
      if (draft.isEnabled) continue
      notice(
        `The user '${name}' is disabled (there is no 'on' modifier in the user description). ` +
          'Make sure this is not a configuration error.',
      )
    }
    return null
  }
}
