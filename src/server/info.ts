/**
 * The report that INFO answers: sections of lines `field:value`, in the order and with the fields
 * of Redis 7.2, so that what reads its report reads this. Fields whose subject does not exist (a
 * fork, a script cache) have the value that Redis shows while nothing of the kind has happened.
 *
 * A section is a function from the server to its lines; this file knows which there are.
 */
import { memorySection } from './info-memory.ts'
import { persistenceSection } from './info-persistence.ts'
import { clientsSection, cpuSection, serverSection } from './info-process.ts'
import {
  commandStatsSection,
  debugSection,
  errorStatsSection,
  keyspaceSection,
  latencyStatsSection,
  replicationSection,
  statsSection,
} from './info-stats.ts'
import type { Server } from './server.ts'

/** A line of the report without its line end. */
export type InfoLine = string

interface Section {
  readonly title: string
  /** What a client may call it, in small letters. */
  readonly names: readonly string[]
  /** Whether it is shown when no section is asked for. */
  readonly isDefault: boolean
  readonly lines: (server: Server) => InfoLine[]
}

function section(
  title: string,
  isDefault: boolean,
  lines: Section['lines'],
  names: readonly string[] = [title.toLowerCase()],
): Section {
  return { title, names, isDefault, lines }
}

const SECTIONS: readonly Section[] = [
  section('Server', true, serverSection),
  section('Clients', true, clientsSection),
  section('Memory', true, memorySection),
  section('Persistence', true, persistenceSection),
  section('Stats', true, statsSection),
  section('Replication', true, replicationSection),
  section('CPU', true, cpuSection),
  section('Modules', true, () => [], ['modules', 'module_list']),
  section('Commandstats', false, commandStatsSection),
  section('Errorstats', true, errorStatsSection),
  section('Latencystats', false, latencyStatsSection),
  section('Cluster', true, ({ config }) => [
    `cluster_enabled:${config.get('cluster-enabled') ? 1 : 0}`,
  ]),
  section('Keyspace', true, keyspaceSection),
]

/** Not part of `everything`: it has to be asked for. */
const DEBUG = section('Debug', false, debugSection)

/**
 * The report.
 *
 * @param names sections in small letters, `default`, `all` and `everything` among them; none stands
 *   for `default`, unknown ones for nothing
 */
export function infoReport(server: Server, names: readonly string[]): string {
  const all = names.includes('all') || names.includes('everything')
  const withDefault = names.length === 0 || names.includes('default')
  const shown = SECTIONS.filter(
    (each) =>
      all || (withDefault && each.isDefault) || each.names.some((name) => names.includes(name)),
  )
  if (names.includes('debug')) shown.push(DEBUG)
  return shown
    .map(({ title, lines }) =>
      [`# ${title}`, ...lines(server)].map((line) => `${line}\r\n`).join(''),
    )
    .join('\r\n')
}
