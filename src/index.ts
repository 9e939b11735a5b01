/**
 * What `import … from 'redstart'` gives: the store as a library.
 */
export { open } from './embedded/open.ts'
export type { DirectiveInput, OpenOptions } from './embedded/options.ts'
export type { Argument } from './embedded/request.ts'
export type { Store } from './embedded/store.ts'
export { StoreError } from './embedded/store-error.ts'
export type { Value } from './embedded/value-reply.ts'
export { ManualClock } from './platform/clock.ts'
export { DirectoryInUse } from './platform/directory-lock.ts'
