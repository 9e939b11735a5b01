/**
 * The one table of all directives: redis.conf, the command line flags, CONFIG GET, SET and REWRITE
 * and the documentation all come from it. It has every directive of Redis 7.2, with Redis's names,
 * defaults, limits and rights; those that change nothing yet are marked by their meaning.
 *
 * What only a configuration file may say (include, user, rename-command, loadmodule) is no
 * directive with a value and is read in config-file.ts.
 */

import type { Directive, Meaning } from './directive.ts'
import { dataDirectives } from './directives-data.ts'
import { networkDirectives } from './directives-network.ts'
import { processDirectives } from './directives-process.ts'
import { replicationDirectives } from './directives-replication.ts'

const directives = {
  ...networkDirectives,
  ...processDirectives,
  ...dataDirectives,
  ...replicationDirectives,
} as const

export type DirectiveName = keyof typeof directives

/** What `config.get(name)` gives. */
export type DirectiveValue<Name extends DirectiveName> = ReturnType<
  (typeof directives)[Name]['expose']
>

/** Any row of the table, for code that treats them alike. */
export type AnyDirective = Directive<unknown, unknown>

/** The rows with their names, in the table's order. */
export function allDirectives(): [name: DirectiveName, directive: AnyDirective][] {
  return Object.entries(directives) as [DirectiveName, AnyDirective][]
}

export interface DocumentedDirective {
  readonly name: string
  readonly alias: string | null
  readonly kind: string
  /** As CONFIG GET prints it. */
  readonly defaultValue: string
  /** False when it is settable only at start. */
  readonly settable: boolean
  readonly meaning: Meaning
}

/** The table for readers, without the directives that only tests use, sorted by name. */
export function documentedDirectives(): DocumentedDirective[] {
  return allDirectives()
    .filter(([, directive]) => !directive.options.hidden)
    .map(([name, directive]) => ({
      name,
      alias: directive.options.alias ?? null,
      kind: directive.kind,
      defaultValue: directive.print(directive.initial),
      settable: !directive.options.immutable,
      meaning: directive.meaning,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
