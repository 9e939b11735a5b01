/**
 * The ACL categories of a command: those that its declaration names, and those that follow from its
 * flags, as in Redis 7.2.
 */
import type { AclCategory, CommandSpec } from './command.ts'

export type AnyAclCategory =
  | AclCategory
  | 'read'
  | 'write'
  | 'pubsub'
  | 'admin'
  | 'fast'
  | 'slow'
  | 'blocking'

/** In the order in which COMMAND shows them. */
export const ACL_CATEGORIES: readonly AnyAclCategory[] = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
]

/** All categories of a command, in the order in which COMMAND shows them. */
export function categoriesOf(spec: CommandSpec): AnyAclCategory[] {
  const categories = new Set<AnyAclCategory>(spec.categories)
  const { flags } = spec
  if (flags.includes('write')) categories.add('write')
  if (flags.includes('readonly') && !categories.has('scripting')) categories.add('read')
  if (flags.includes('admin')) categories.add('admin').add('dangerous')
  if (flags.includes('pubsub')) categories.add('pubsub')
  if (flags.includes('blocking')) categories.add('blocking')
  categories.add(flags.includes('fast') ? 'fast' : 'slow')
  return ACL_CATEGORIES.filter((category) => categories.has(category))
}
