/** Directives about listening, clients, their limits, TLS and who may do what. */
import {
  choice,
  integer,
  memory,
  memoryOrPercent,
  octal,
  path,
  text,
  unsignedMemory,
  yesNo,
} from './directive.ts'
import { INT_MAX, LONG_MAX, UINT_MAX } from './number-syntax.ts'
import { BindDirective, BufferLimitsDirective } from './special.ts'

const MB = 1024 * 1024
const YES_NO_LOCAL = ['no', 'yes', 'local'] as const
const OPTIONAL = { emptyIsNone: true } as const
const TLS_FILE = { active: true, emptyIsNone: true, volatile: true } as const
const TLS_TEXT = { active: true, emptyIsNone: true } as const

export const networkDirectives = {
  bind: new BindDirective({ active: true }),
  'bind-source-addr': text('', OPTIONAL),
  port: integer(6379, 0, 65535, { active: true }),
  'tcp-backlog': integer(511, 0, INT_MAX, { active: true, immutable: true }),
  'tcp-keepalive': integer(300, 0, INT_MAX, { active: true }),
  'socket-mark-id': integer(0, 0, UINT_MAX, { unsigned: true, immutable: true }),
  unixsocket: path('', { active: true, immutable: true, emptyIsNone: true }),
  unixsocketperm: octal(0, 0, 0o777, { active: true, immutable: true }),
  timeout: integer(0, 0, INT_MAX, { active: true }),
  maxclients: integer(10000, 1, UINT_MAX, { active: true, unsigned: true }),
  'maxmemory-clients': memoryOrPercent(0, { active: true }),
  'client-query-buffer-limit': unsignedMemory(1024 * MB, MB, LONG_MAX, {
    active: true,
    debug: true,
  }),
  'client-output-buffer-limit': new BufferLimitsDirective({ active: true }),
  'proto-max-bulk-len': memory(512 * MB, MB, LONG_MAX, { active: true, debug: true }),
  'io-threads': integer(1, 1, 128, { debug: true, immutable: true }),
  'io-threads-do-reads': yesNo('no', { debug: true, immutable: true }),
  'tracking-table-max-keys': integer(1000000, 0, LONG_MAX, { active: true, unsigned: true }),

  'protected-mode': yesNo('yes', { active: true }),
  requirepass: text('', {
    active: true,
    sensitive: true,
    emptyIsNone: true,
    binary: true,
  }),
  aclfile: path('', { active: true, immutable: true }),
  'acllog-max-len': integer(128, 0, LONG_MAX, { active: true }),
  'acl-pubsub-default': choice(['allchannels', 'resetchannels'], 'resetchannels', { active: true }),
  'enable-protected-configs': choice(YES_NO_LOCAL, 'no', { active: true, immutable: true }),
  'enable-debug-command': choice(YES_NO_LOCAL, 'no', { active: true, immutable: true }),
  'enable-module-command': choice(YES_NO_LOCAL, 'no', { immutable: true }),

  'tls-port': integer(0, 0, 65535, { active: true }),
  'tls-session-cache-size': integer(20 * 1024, 0, INT_MAX, { active: true }),
  'tls-session-cache-timeout': integer(300, 0, INT_MAX, { active: true }),
  'tls-session-caching': yesNo('yes', { active: true }),
  'tls-cluster': yesNo('no', { active: true }),
  'tls-replication': yesNo('no'),
  'tls-auth-clients': choice(['no', 'yes', 'optional'], 'yes', { active: true }),
  'tls-prefer-server-ciphers': yesNo('no', { active: true }),
  'tls-cert-file': path('', TLS_FILE),
  'tls-key-file': path('', TLS_FILE),
  'tls-key-file-pass': text('', TLS_TEXT),
  'tls-client-cert-file': path('', TLS_FILE),
  'tls-client-key-file': path('', TLS_FILE),
  'tls-client-key-file-pass': text('', TLS_TEXT),
  'tls-dh-params-file': path('', TLS_FILE),
  'tls-ca-cert-file': path('', TLS_FILE),
  'tls-ca-cert-dir': path('', TLS_FILE),
  'tls-protocols': text('', TLS_TEXT),
  'tls-ciphers': text('', TLS_TEXT),
  'tls-ciphersuites': text('', TLS_TEXT),
} as const
