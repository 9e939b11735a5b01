/** Directives about replication and the cluster; the older `slave-…` names are aliases. */
import { choice, integer, memory, path, Refused, text, unsignedMemory, yesNo } from './directive.ts'
import { INT_MAX, LONG_MAX, ULONG_MAX } from './number-syntax.ts'
import { ReplicaOfDirective } from './special.ts'

const OPTIONAL = { emptyIsNone: true } as const
const HOST_NAME_MAX = 256

function validateHostName(name: string): Refused | null {
  if (name.length >= HOST_NAME_MAX) {
    return new Refused(`Hostnames must be less than ${HOST_NAME_MAX} characters`)
  }
  if (/^[A-Za-z0-9.-]*$/.test(name)) return null
  return new Refused('Hostnames may only contain alphanumeric characters, hyphens or dots')
}

function validateNodeName(name: string): Refused | null {
  for (const character of name) {
    if ('!#$%&()*+:;<>?@[]^{|}~'.includes(character)) {
      return new Refused('Announced human node name contained invalid character')
    }
  }
  return null
}

export const replicationDirectives = {
  replicaof: new ReplicaOfDirective({ active: true, alias: 'slaveof', immutable: true }),
  masteruser: text('', { sensitive: true, emptyIsNone: true }),
  masterauth: text('', { sensitive: true, emptyIsNone: true, binary: true }),
  'replica-announce-ip': text('', { alias: 'slave-announce-ip', emptyIsNone: true }),
  'replica-announce-port': integer(0, 0, 65535, { alias: 'slave-announce-port' }),
  'replica-announced': yesNo('yes'),
  'replica-priority': integer(100, 0, INT_MAX, { alias: 'slave-priority' }),
  'replica-read-only': yesNo('yes', { alias: 'slave-read-only', debug: true }),
  'replica-serve-stale-data': yesNo('yes', { alias: 'slave-serve-stale-data' }),
  'replica-lazy-flush': yesNo('no', { alias: 'slave-lazy-flush' }),
  'replica-ignore-maxmemory': yesNo('yes', { alias: 'slave-ignore-maxmemory' }),
  'replica-ignore-disk-write-errors': yesNo('no'),
  'min-replicas-to-write': integer(0, 0, INT_MAX, { alias: 'min-slaves-to-write' }),
  'min-replicas-max-lag': integer(10, 0, INT_MAX, { alias: 'min-slaves-max-lag' }),
  'repl-timeout': integer(60, 1, INT_MAX),
  'repl-ping-replica-period': integer(10, 1, INT_MAX, { alias: 'repl-ping-slave-period' }),
  'repl-backlog-size': memory(1024 * 1024, 1, LONG_MAX, { active: true }),
  'repl-backlog-ttl': integer(3600, 0, LONG_MAX),
  'repl-disable-tcp-nodelay': yesNo('no'),
  'repl-diskless-sync': yesNo('yes', { debug: true }),
  'repl-diskless-sync-delay': integer(5, 0, INT_MAX),
  'repl-diskless-sync-max-replicas': integer(0, 0, INT_MAX),
  'repl-diskless-load': choice(['disabled', 'on-empty-db', 'swapdb'], 'disabled', {
    debug: true,
    deniedWhileLoading: true,
  }),
  'propagation-error-behavior': choice(['ignore', 'panic', 'panic-on-replicas'], 'ignore'),

  'cluster-enabled': yesNo('no', { active: true, immutable: true }),
  'cluster-config-file': path('nodes.conf', { immutable: true }),
  'cluster-node-timeout': integer(15000, 0, LONG_MAX),
  'cluster-ping-interval': integer(0, 0, LONG_MAX, { hidden: true }),
  'cluster-port': integer(0, 0, 65535, { immutable: true }),
  'cluster-migration-barrier': integer(1, 0, INT_MAX),
  'cluster-replica-validity-factor': integer(10, 0, INT_MAX, {
    alias: 'cluster-slave-validity-factor',
  }),
  'cluster-replica-no-failover': yesNo('no', { alias: 'cluster-slave-no-failover' }),
  'cluster-allow-replica-migration': yesNo('yes'),
  'cluster-require-full-coverage': yesNo('yes'),
  'cluster-allow-reads-when-down': yesNo('no'),
  'cluster-allow-pubsubshard-when-down': yesNo('yes'),
  'cluster-announce-ip': text('', OPTIONAL),
  'cluster-announce-port': integer(0, 0, 65535),
  'cluster-announce-tls-port': integer(0, 0, 65535),
  'cluster-announce-bus-port': integer(0, 0, 65535),
  'cluster-announce-hostname': text('', OPTIONAL, validateHostName),
  'cluster-announce-human-nodename': text('', OPTIONAL, validateNodeName),
  'cluster-preferred-endpoint-type': choice(['ip', 'hostname', 'unknown-endpoint'], 'ip'),
  'cluster-link-sendbuf-limit': unsignedMemory(0, 0, ULONG_MAX),
} as const
