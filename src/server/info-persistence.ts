/** What INFO says of saves, the append only file and loading: its section Persistence. */
import type { InfoLine } from './info.ts'
import type { Server } from './server.ts'

export function persistenceSection(server: Server): InfoLine[] {
  const { appendOnly, config, isLoading, saves, snapshots } = server
  return [
    `loading:${flag(isLoading)}`,
    'async_loading:0',
    'current_cow_peak:0',
    'current_cow_size:0',
    'current_cow_size_age:0',
    `current_fork_perc:${progress(snapshots.savedKeys, snapshots.totalKeys)}`,
    `current_save_keys_processed:${snapshots.savedKeys}`,
    `current_save_keys_total:${snapshots.totalKeys}`,
    `rdb_changes_since_last_save:${server.dirty}`,
    `rdb_bgsave_in_progress:${flag(saves.isUnderWay)}`,
    `rdb_last_save_time:${Math.floor(saves.lastSaveMs / 1000)}`,
    `rdb_last_bgsave_status:${saves.hasFailed ? 'err' : 'ok'}`,
    `rdb_last_bgsave_time_sec:${saves.lastDurationSeconds}`,
    `rdb_current_bgsave_time_sec:${secondsSince(server, saves.startedMs)}`,
    `rdb_saves:${saves.count}`,
    'rdb_last_cow_size:0',
    `rdb_last_load_keys_expired:${server.loading.keysExpired}`,
    `rdb_last_load_keys_loaded:${server.loading.keysLoaded}`,
    `aof_enabled:${flag(config.get('appendonly'))}`,
    `aof_rewrite_in_progress:${flag(appendOnly.isRewriting)}`,
    `aof_rewrite_scheduled:${flag(appendOnly.isScheduled)}`,
    `aof_last_rewrite_time_sec:${appendOnly.lastRewriteSeconds}`,
    `aof_current_rewrite_time_sec:${secondsSince(server, appendOnly.startedMs)}`,
    `aof_last_bgrewrite_status:${appendOnly.hasRewriteFailed ? 'err' : 'ok'}`,
    `aof_rewrites:${appendOnly.rewrites}`,
    `aof_rewrites_consecutive_failures:${appendOnly.failures}`,
    `aof_last_write_status:${appendOnly.refusal === null ? 'ok' : 'err'}`,
    'aof_last_cow_size:0',
    'module_fork_in_progress:0',
    'module_fork_last_cow_size:0',
    ...logLines(server),
    ...(isLoading ? loadingLines(server) : []),
  ]
}

function logLines({ appendOnly, config }: Server): InfoLine[] {
  if (!config.get('appendonly')) return []
  const { log } = appendOnly
  return [
    `aof_current_size:${appendOnly.currentBytes}`,
    `aof_base_size:${appendOnly.baseBytes}`,
    `aof_pending_rewrite:${flag(appendOnly.isScheduled)}`,
    `aof_buffer_length:${log.batchBytes}`,
    `aof_pending_bio_fsync:${flag(log.isSyncing)}`,
    `aof_delayed_fsync:${log.delayedSyncs}`,
    // Redstart's own: the age of the oldest write that a crash of the machine could lose.
    `aof_oldest_unsynced_ms:${Math.round(log.oldestUnsyncedMs())}`,
  ]
}

function loadingLines(server: Server): InfoLine[] {
  const { clock, loading } = server
  const { loadedBytes, startedMs, totalBytes } = loading
  const seconds = Math.max(1, Math.floor((clock.nowMs - startedMs) / 1000))
  const bytesPerSecond = loadedBytes / seconds
  const eta = bytesPerSecond > 0 ? Math.floor((totalBytes - loadedBytes) / bytesPerSecond) : 1
  return [
    `loading_start_time:${Math.floor(startedMs / 1000)}`,
    `loading_total_bytes:${totalBytes}`,
    'loading_rdb_used_mem:0',
    `loading_loaded_bytes:${loadedBytes}`,
    `loading_loaded_perc:${progress(loadedBytes, totalBytes)}`,
    `loading_eta_seconds:${Math.max(0, eta)}`,
  ]
}

function flag(value: boolean): number {
  return value ? 1 : 0
}

/** A share in percent. */
function progress(done: number, total: number): string {
  return (total === 0 ? 0 : (done / total) * 100).toFixed(2)
}

/** Whole seconds since a moment; -1 if there is none. */
function secondsSince({ clock }: Server, ms: number): number {
  return ms === 0 ? -1 : Math.floor((clock.nowMs - ms) / 1000)
}
