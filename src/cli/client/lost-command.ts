/**
 * What may have become of a command when the connection went before its reply came. A command that
 * never left this machine did not run; one that only reads can be repeated whatever happened; of
 * all others nobody can know without looking.
 */

export const OFFLINE_NOTICE =
  'The next command connects again; `standalone` goes on without a server, on this machine.\n'
export const TRANSACTION_GONE =
  'The transaction is gone with the connection: none of its commands ran.\n'

/** What a command is, by Redstart's own declaration. */
async function isReadOnly(words: readonly string[]): Promise<boolean> {
  const { COMMANDS } = await import('../../commands/all.ts')
  const same = (name: string, word: string | undefined) =>
    name.toLowerCase() === word?.toLowerCase()
  const spec = COMMANDS.find(({ name }) => same(name, words[0]))
  const called = spec?.subcommands?.find(({ name }) => same(name, words[1])) ?? spec
  return called?.flags.includes('readonly') ?? false
}

/** @returns lines for the user */
export async function fateOf(
  words: readonly string[],
  isSent: boolean,
  isInTransaction: boolean,
): Promise<string> {
  const name = words[0].toUpperCase()
  if (!isSent) {
    return `${name} was not sent, so it did not run.\n${isInTransaction ? TRANSACTION_GONE : ''}`
  }
  if (isInTransaction && name !== 'EXEC') return TRANSACTION_GONE
  if (await isReadOnly(words)) {
    return `${name} was sent, and may have run or not. It only reads: repeating it is safe.\n`
  }
  return (
    `${name} was sent, and may have run or not: no reply came. ` +
    'Look at the data before you repeat it.\n'
  )
}
