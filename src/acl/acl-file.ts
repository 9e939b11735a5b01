/**
 * The ACL file: one line `user <name> <rules>` for each user, and nothing else but empty lines.
 *
 * Words are separated by single blanks, and there is no quoting. A file with any error is refused
 * as a whole, and all its errors are told in one line, as Redis 7.2.6 does.
 */
import { latin1 } from '../bytes/text.ts'
import { applyRule, hasSpaces, mergeSelectors, type RuleSetting, UNKNOWN_COMMAND } from './rules.ts'
import { User } from './user.ts'

const NOTHING_CHANGED =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'

/**
 * Makes the users that a file describes.
 *
 * @param fileName as it is told in errors
 * @returns the users by name, or the text of the errors
 */
export function parseAclFile(
  content: Uint8Array,
  fileName: string,
  setting: RuleSetting,
): Map<string, User> | string {
  const users = new Map<string, User>()
  let errors = ''
  const lines = latin1(content).split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
    if (line === '') continue
    errors += readLine(line, i + 1, fileName, users, setting)
  }
  return errors === '' ? users : errors + NOTHING_CHANGED
}

/** Adds the user of one line. @returns what is wrong with it, '' if nothing */
function readLine(
  line: string,
  lineNumber: number,
  fileName: string,
  users: Map<string, User>,
  setting: RuleSetting,
): string {
  const place = `${fileName}:${lineNumber}`
  const [keyword, name, ...words] = line.split(' ')
  if (keyword !== 'user' || name === undefined) {
    return `${place} should start with user keyword followed by the username. `
  }
  if (hasSpaces(name)) return `'${place}: username '${name}' contains invalid characters. `
  if (users.has(name)) return `WARNING: Duplicate user '${name}' found on line ${lineNumber}. `
  const user = new User(name, setting.commands.idCount, setting.allChannelsByDefault)
  users.set(name, user)
  const rules = mergeSelectors(words)
  if (typeof rules === 'number') return `${place}: Unmatched parenthesis in selector definition.`
  return applyRules(user, rules, place, setting)
}

/** Only the first error is told, apart from names that are not known. */
function applyRules(
  user: User,
  rules: readonly string[],
  place: string,
  setting: RuleSetting,
): string {
  let errors = ''
  let hasFailed = false
  for (const rule of rules) {
    const word = rule.replace(/^[\t\r]+|[\t\r]+$/g, '')
    const error = applyRule(user, word, setting)
    if (error === null) continue
    if (error === UNKNOWN_COMMAND) {
      errors += `${place}: Error in applying operation '${word}': ${error}. `
    } else if (!hasFailed) {
      errors += `${place}: ${error}. `
      hasFailed = true
    }
  }
  return errors
}
