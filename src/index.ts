/**
 * What `import … from 'redstart'` gives: the store as a library.
 */
export type { AsyncCommands } from './embedded/async-face.ts'
export { type AttachedStore, attach } from './embedded/attach.ts'
export type { AsyncMulti, Multi } from './embedded/command-types.ts'
export type { Listening, ListenOptions } from './embedded/listening.ts'
export { type HeldClock, manualClock } from './embedded/manual-clock.ts'
export { open } from './embedded/open.ts'
export type { DirectiveInput, OpenOptions } from './embedded/options.ts'
export type { Argument } from './embedded/request.ts'
export { StoreSnapshot } from './embedded/snapshot.ts'
export type { Commands, Store } from './embedded/store.ts'
export { StoreError } from './embedded/store-error.ts'
export type { SubscribeOptions, Subscription } from './embedded/subscriptions.ts'
export type { Value } from './embedded/value-reply.ts'
export { DirectoryInUse } from './platform/directory-lock.ts'
