/** The answer to HELP of a command with subcommands: their syntax and summaries, as declared. */
import type { CommandSpec } from '../command.ts'
import type { Context } from '../context.ts'
import { commandSyntax } from '../syntax.ts'

/** A line of syntax with the lines that explain it. */
export type HelpEntry = readonly [syntax: string, ...explanation: string[]]

/** Writes the help of a container from its subcommands, HELP itself at the end. */
export function replyWithHelp(
  { reply }: Context,
  name: string,
  subcommands: readonly CommandSpec[],
): void {
  const entries = subcommands
    .filter((sub) => sub.name !== 'HELP')
    .map((sub): HelpEntry => [commandSyntax(sub), sub.summary])
  writeHelp(reply, name, entries)
}

/** The same from entries, for a command whose subcommands are not declared one by one. */
export function writeHelp(
  reply: Context['reply'],
  name: string,
  entries: readonly HelpEntry[],
): void {
  const lines = entries.flatMap(([syntax, ...explanation]) => [
    syntax,
    ...explanation.map((line) => `    ${line}`),
  ])
  reply.array(lines.length + 3)
  reply.simple(`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`)
  for (const line of lines) reply.simple(line)
  reply.simple('HELP')
  reply.simple('    Print this help.')
}
