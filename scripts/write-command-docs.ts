/**
 * `npm run docs`: writes docs/commands.md, the table of all commands, from their declarations.
 * test/unit/commands/command-docs.test.ts fails when the file is not what this would write.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMMANDS } from '../src/commands/all.ts'
import type { CommandGroup, CommandSpec } from '../src/commands/command.ts'
import { commandSyntax } from '../src/commands/syntax.ts'

/** Where the table is, from the repository's root. */
export const COMMAND_DOCS_PATH = 'docs/commands.md'

const INTRODUCTION = `# Commands

What Redstart serves, by group. \`[optional]\`, \`one | other\`, \`many [many ...]\`, as in the
documentation of Redis; "since" is the version of Redis (or Valkey) that brought the command.

This file is written by \`npm run docs\` from the declarations in \`src/commands\`.
`

const TITLES: Record<CommandGroup, string> = {
  bitmap: 'Bitmaps',
  cluster: 'Cluster',
  connection: 'Connection',
  generic: 'Keys of all types',
  geo: 'Geographic indexes',
  hash: 'Hashes',
  hyperloglog: 'HyperLogLog',
  list: 'Lists',
  pubsub: 'Publish and subscribe',
  scripting: 'Scripts and functions',
  sentinel: 'Sentinel',
  server: 'Server',
  set: 'Sets',
  'sorted-set': 'Sorted sets',
  stream: 'Streams',
  string: 'Strings',
  transactions: 'Transactions',
}

/** A text as the cell of a table: bars would end it. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

function row(spec: CommandSpec, container?: string): string {
  const { summary, complexity, since } = spec
  const syntax = `\`${commandSyntax(spec, container).replaceAll('|', '\\|')}\``
  const note = spec.replacedBy === undefined ? '' : ` Outdated; instead: ${spec.replacedBy}.`
  return `| ${syntax} | ${cell(summary + note)} | ${cell(complexity)} | ${since} |`
}

/** The rows of a command: its own, unless it is nothing but its subcommands, and theirs. */
function rows(spec: CommandSpec): string[] {
  const own = spec.run === undefined ? [] : [row(spec)]
  return [...own, ...(spec.subcommands ?? []).map((sub) => row(sub, spec.name))]
}

/** The whole file. */
export function commandDocs(specs: readonly CommandSpec[]): string {
  const parts = [INTRODUCTION]
  const groups = [...new Set(specs.map(({ group }) => group))].sort()
  for (const group of groups) {
    const members = specs
      .filter((spec) => spec.group === group)
      .sort((one, other) => (one.name < other.name ? -1 : 1))
    const table = ['| command | summary | complexity | since |', '|---|---|---|---|']
    parts.push(`## ${TITLES[group]}\n\n${[...table, ...members.flatMap(rows)].join('\n')}\n`)
  }
  return parts.join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(process.cwd(), COMMAND_DOCS_PATH), commandDocs(COMMANDS))
}
