/**
 * What the configuration says, put where it is asked for at every request: in fields of the server
 * and its parts, at the start and whenever CONFIG SET changes it. A directive that is asked for
 * rarely is read from the configuration itself and is not here.
 */
import type { Config } from '../config/config.ts'
import type { Server } from './server.ts'

/** Places in a request are int32, whatever `client-query-buffer-limit` says. */
const MAX_QUERY_BYTES = 2 ** 31 - 1

export function followDirectives(server: Server): void {
  const { config } = server
  server.memory.follow(config)
  const follow = <Name extends Parameters<Config['get']>[0]>(
    name: Name,
    use: (value: ReturnType<typeof config.get<Name>>) => void,
  ) => {
    config.onChange(name, use)
    use(config.get(name))
  }
  follow('proto-max-bulk-len', (value) => {
    server.protoMaxBulkLength = value
  })
  follow('client-query-buffer-limit', (value) => {
    server.clientQueryBufferLimit = Math.min(value, MAX_QUERY_BYTES)
  })
  follow('latency-tracking', (value) => {
    server.tracksLatency = value
  })
  follow('requirepass', (value) => {
    server.access.acl.setDefaultPassword(value)
  })
  follow('acl-pubsub-default', (value) => {
    server.access.acl.allChannelsByDefault = value === 'allchannels'
  })
  follow('client-output-buffer-limit', ({ pubsub }) => {
    server.pubsubHardBytes = pubsub.hardBytes
  })
  follow('notify-keyspace-events', (value) => {
    server.notifications.setClasses(value)
  })
  follow('tracking-table-max-keys', (value) => {
    server.tracking.setMaxKeys(value)
  })
  follow('maxmemory', (value) => {
    server.memory.set(value)
  })
  follow('maxmemory-clients', (value) => {
    server.clientMemory.set(value)
  })
  follow('maxmemory-policy', (value) => {
    server.keyspace.lfu = value.endsWith('-lfu')
  })
  follow('lfu-log-factor', (value) => {
    server.keyspace.lfuLogFactor = value
  })
  follow('lfu-decay-time', (value) => {
    server.keyspace.lfuDecayMinutes = value
  })
  follow('active-expire-effort', (value) => {
    server.activeExpiry.setEffort(value)
  })
  follow('list-max-listpack-size', (value) => {
    server.keyspace.limits.listMaxListpackSize = value
  })
  follow('hash-max-listpack-entries', (value) => {
    server.keyspace.limits.hashMaxListpackEntries = value
  })
  follow('hash-max-listpack-value', (value) => {
    server.keyspace.limits.hashMaxListpackValue = value
  })
  follow('set-max-intset-entries', (value) => {
    server.keyspace.limits.setMaxIntsetEntries = value
  })
  follow('set-max-listpack-entries', (value) => {
    server.keyspace.limits.setMaxListpackEntries = value
  })
  follow('set-max-listpack-value', (value) => {
    server.keyspace.limits.setMaxListpackValue = value
  })
  follow('zset-max-listpack-entries', (value) => {
    server.keyspace.limits.zsetMaxListpackEntries = value
  })
  follow('zset-max-listpack-value', (value) => {
    server.keyspace.limits.zsetMaxListpackValue = value
  })
  follow('loglevel', (value) => {
    server.logger.level = value
  })
  follow('logfile', (value) => {
    server.logger.path = value
  })
}
