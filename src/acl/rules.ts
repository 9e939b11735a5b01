/**
 * The rules of ACL SETUSER, of `user` lines and of ACL files: one word each, applied to a user in
 * turn. What can be said of a selector can also be said in parentheses, which make a further one.
 *
 * A rule that is not understood answers the text of the error and may leave the user half changed:
 * whoever applies several rules does it to a copy. Texts and order of the checks are those of
 * Redis 7.2.6 (acl.c). Rules are Latin-1 texts, one character a byte.
 */
import { splitArguments } from '../bytes/quote.ts'
import { fromLatin1, latin1 } from '../bytes/text.ts'
import { ACL_CATEGORIES, categoriesOf } from '../commands/acl-categories.ts'
import type { Command, CommandTable } from '../commands/command-table.ts'
import { hashPassword, isPasswordHash } from './password.ts'
import { READ, Selector, WRITE } from './selector.ts'
import type { User } from './user.ts'

export const UNKNOWN_COMMAND = 'Unknown command or category name in ACL'
const SYNTAX = 'Syntax error'
const KEYS_BEHIND_ALL =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have " +
  "any effect. Try 'resetkeys' to start with an empty list of patterns"
const CHANNELS_BEHIND_ALL =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not " +
  "have any effect. Try 'resetchannels' to start with an empty list of channels"
const NO_SUCH_PASSWORD = 'The password you are trying to remove from the user does not exist'
const BAD_HASH =
  'The password hash must be exactly 64 characters and contain only lowercase hexadecimal ' +
  'characters'
const FIRST_ARGUMENT_OF_SUBCOMMAND = 'Allowing first-arg of a subcommand is not supported'

/** What rules refer to. */
export interface RuleSetting {
  readonly commands: CommandTable
  /** `acl-pubsub-default allchannels`: what a new selector may do with channels. */
  readonly allChannelsByDefault: boolean
  readonly warn: (text: string) => void
}

/** Whether a name or a pattern holds what rules are separated by, or a NUL. */
export function hasSpaces(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0 || code === 0x20 || (code >= 0x09 && code <= 0x0d)) return true
  }
  return false
}

/**
 * Puts together selectors whose parentheses are spread over several words.
 *
 * @returns the rules, or the index of the word with a parenthesis that nothing closes
 */
export function mergeSelectors(words: readonly string[]): string[] | number {
  const rules: string[] = []
  let open = -1
  let selector = ''
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (open >= 0) selector += ` ${word}`
    else if (word.startsWith('(') && !word.endsWith(')')) selector = word
    else {
      rules.push(word)
      continue
    }
    if (open < 0) open = i
    else if (word.endsWith(')')) {
      rules.push(selector)
      open = -1
    }
  }
  return open >= 0 ? open : rules
}

/** Applies one rule. @returns the text of the error, or null */
export function applyRule(user: User, rule: string, setting: RuleSetting): string | null {
  const error = change(user, rule, setting)
  user.update()
  return error
}

function change(user: User, rule: string, setting: RuleSetting): string | null {
  if (rule === '') return null
  switch (rule.toLowerCase()) {
    case 'on':
      user.isEnabled = true
      return null
    case 'off':
      user.isEnabled = false
      return null
    case 'skip-sanitize-payload':
      user.sanitizesPayload = false
      return null
    case 'sanitize-payload':
      user.sanitizesPayload = true
      return null
    case 'nopass':
      user.needsNoPassword = true
      user.passwords = []
      return null
    case 'resetpass':
      user.needsNoPassword = false
      user.passwords = []
      return null
    case 'clearselectors':
      user.selectors.length = 1
      return null
    case 'reset':
      reset(user, setting)
      return null
  }
  const sign = rule[0]
  if (sign === '>' || sign === '#') return addPassword(user, rule)
  if (sign === '<' || sign === '!') return removePassword(user, rule)
  if (sign === '(' && rule.endsWith(')')) return addSelector(user, rule, setting)
  return applyToSelector(user.root, rule, setting)
}

/** Makes the user as one that was just created. */
function reset(user: User, { commands, allChannelsByDefault }: RuleSetting): void {
  user.isEnabled = false
  user.needsNoPassword = false
  user.sanitizesPayload = true
  user.passwords = []
  user.selectors = [new Selector(commands.idCount, allChannelsByDefault)]
}

/** The hash that `>password` or `#hash` gives; null for what is no hash. */
function hashOf(rule: string): string | null {
  const text = rule.slice(1)
  if (rule[0] === '>' || rule[0] === '<') return hashPassword(fromLatin1(text))
  return isPasswordHash(text) ? text : null
}

function addPassword(user: User, rule: string): string | null {
  const hash = hashOf(rule)
  if (hash === null) return BAD_HASH
  if (!user.passwords.includes(hash)) user.passwords.push(hash)
  user.needsNoPassword = false
  return null
}

function removePassword(user: User, rule: string): string | null {
  const hash = hashOf(rule)
  if (hash === null) return BAD_HASH
  const index = user.passwords.indexOf(hash)
  if (index < 0) return NO_SUCH_PASSWORD
  user.passwords.splice(index, 1)
  return null
}

function addSelector(user: User, rule: string, setting: RuleSetting): string | null {
  const selector = new Selector(setting.commands.idCount, setting.allChannelsByDefault)
  for (const word of splitArguments(fromLatin1(rule.slice(1, -1))) ?? []) {
    const error = applyToSelector(selector, latin1(word), setting)
    if (error !== null) return error
  }
  user.selectors.push(selector)
  return null
}

/** Applies a rule about commands, keys or channels. */
function applyToSelector(selector: Selector, rule: string, setting: RuleSetting): string | null {
  switch (rule.toLowerCase()) {
    case 'allkeys':
    case '~*':
      selector.setAllKeys(true)
      return null
    case 'resetkeys':
      selector.setAllKeys(false)
      return null
    case 'allchannels':
    case '&*':
      selector.setAllChannels(true)
      return null
    case 'resetchannels':
      selector.setAllChannels(false)
      return null
    case 'allcommands':
    case '+@all':
      selector.setAllCommands(true)
      return null
    case 'nocommands':
    case '-@all':
      selector.setAllCommands(false)
      return null
  }
  switch (rule[0]) {
    case '~':
    case '%':
      return addKeyPattern(selector, rule)
    case '&':
      return addChannel(selector, rule.slice(1))
    case '+':
    case '-':
      if (rule[1] === '@') return setCategory(selector, rule, setting)
      if (rule[0] === '-') return denyCommand(selector, rule.slice(1), setting)
      return allowCommand(selector, rule.slice(1), setting)
    default:
      return SYNTAX
  }
}

/** `~pattern`, `%R~pattern` and its like. */
function addKeyPattern(selector: Selector, rule: string): string | null {
  if (selector.allKeys) return KEYS_BEHIND_ALL
  let permissions = rule[0] === '~' ? READ | WRITE : 0
  let at = 1
  if (rule[0] === '%') {
    for (; at < rule.length; at++) {
      const letter = rule[at]!.toUpperCase()
      if (letter === 'R' && (permissions & READ) === 0) permissions |= READ
      else if (letter === 'W' && (permissions & WRITE) === 0) permissions |= WRITE
      else if (letter === '~' && permissions !== 0) {
        at++
        break
      } else return SYNTAX
    }
    // Redis takes a mere `%` too, and ends when such a user is listed.
    if (permissions === 0) return SYNTAX
  }
  const pattern = rule.slice(at)
  if (hasSpaces(pattern)) return SYNTAX
  selector.addKeyPattern(pattern, permissions)
  return null
}

function addChannel(selector: Selector, pattern: string): string | null {
  if (selector.allChannels) return CHANNELS_BEHIND_ALL
  if (hasSpaces(pattern)) return SYNTAX
  selector.addChannel(pattern)
  return null
}

function denyCommand(selector: Selector, name: string, setting: RuleSetting): string | null {
  const command = setting.commands.declared(name)
  if (command === null) return UNKNOWN_COMMAND
  selector.setCommand(command, false)
  selector.addCommandRule('-', command.fullName)
  return null
}

function allowCommand(selector: Selector, name: string, setting: RuleSetting): string | null {
  const bar = name.lastIndexOf('|')
  const command = setting.commands.declared(bar < 0 ? name : name.slice(0, bar))
  if (command === null) return UNKNOWN_COMMAND
  if (bar < 0) {
    selector.setCommand(command, true)
    selector.addCommandRule('+', command.fullName)
    return null
  }
  if (command.fullName.includes('|')) return FIRST_ARGUMENT_OF_SUBCOMMAND
  const word = name.slice(bar + 1)
  if (word === '') return SYNTAX
  if (command.subcommands === null) {
    setting.warn(
      'Deprecation warning: Allowing a first arg of an otherwise blocked command is a misuse of ' +
        `ACL and may get disabled in the future (offender: +${name})`,
    )
    selector.addFirstArgument(command, word.toLowerCase())
  } else {
    const sub = setting.commands.declared(name)
    if (sub === null) return UNKNOWN_COMMAND
    selector.setCommand(sub, true)
  }
  selector.addCommandRule('+', name.toLowerCase())
  return null
}

function setCategory(selector: Selector, rule: string, setting: RuleSetting): string | null {
  const name = rule.slice(2).toLowerCase()
  const category = ACL_CATEGORIES.find((each) => each === name)
  if (category === undefined) return UNKNOWN_COMMAND
  const isAllowed = rule[0] === '+'
  selector.addCommandRule(isAllowed ? '+' : '-', `@${name}`)
  const set = (command: Command): void => {
    if (categoriesOf(command.spec).includes(category)) selector.setCommand(command, isAllowed)
    for (const sub of command.subcommands?.values() ?? []) set(sub)
  }
  for (const command of setting.commands.allDeclared()) set(command)
  return null
}
