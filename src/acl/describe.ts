/**
 * Users as text: the rules that make them again, as ACL LIST, ACL FILE and redis.conf have them,
 * in the order and the form of Redis 7.2.6.
 */
import { type KeyPattern, READ, type Selector, WRITE } from './selector.ts'
import type { User } from './user.ts'

/** A line of ACL LIST, of an ACL file and, apart from its first word, of redis.conf. */
export function userLine(user: User): string {
  return `user ${user.name} ${describeUser(user)}`
}

/** All rules of a user, passwords as their hashes. */
function describeUser(user: User): string {
  const words = [...userFlags(user), ...user.passwords.map((hash) => `#${hash}`)]
  const [root, ...others] = user.selectors.map(describeSelector)
  return [...words, root, ...others.map((rules) => `(${rules})`)].join(' ')
}

/** A user's rules, part by part, as ACL GETUSER tells them. */
export interface UserRules {
  readonly flags: readonly string[]
  readonly passwords: readonly string[]
  /** The user's own selector first. */
  readonly selectors: readonly { commands: string; keys: string; channels: string }[]
}

export function rulesOf(user: User): UserRules {
  return {
    flags: userFlags(user),
    passwords: user.passwords,
    selectors: user.selectors.map((selector) => ({
      commands: describeCommands(selector),
      keys: describeKeys(selector),
      channels: describeChannels(selector),
    })),
  }
}

/** What is said of a user apart from rights and passwords. */
function userFlags(user: User): string[] {
  return [
    user.isEnabled ? 'on' : 'off',
    ...(user.needsNoPassword ? ['nopass'] : []),
    user.sanitizesPayload ? 'sanitize-payload' : 'skip-sanitize-payload',
  ]
}

function describeSelector(selector: Selector): string {
  const channels = describeChannels(selector)
  const words = [describeKeys(selector)]
  if (!selector.allChannels) words.push('resetchannels')
  words.push(channels, describeCommands(selector))
  return words.filter((word) => word !== '').join(' ')
}

/** The rules about keys: `~*`, or the patterns. */
function describeKeys({ allKeys, keyPatterns }: Selector): string {
  return allKeys ? '~*' : keyPatterns.map(describeKeyPattern).join(' ')
}

function describeKeyPattern({ permissions, text }: KeyPattern): string {
  if (permissions === (READ | WRITE)) return `~${text}`
  return permissions === READ ? `%R~${text}` : `%W~${text}`
}

/** The rules about channels: `&*`, or the patterns. */
function describeChannels({ allChannels, channels }: Selector): string {
  return allChannels ? '&*' : channels.map(({ text }) => `&${text}`).join(' ')
}

/** The rules about commands; they always begin with `+@all` or `-@all`. */
function describeCommands({ beginsWithAll, commandRules }: Selector): string {
  return [beginsWithAll ? '+@all' : '-@all', ...commandRules].join(' ')
}
