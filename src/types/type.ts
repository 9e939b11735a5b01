/** The types of values, as entries store them; the order is that of Redis's object types. */

export const TYPE_STRING = 0
export const TYPE_LIST = 1
export const TYPE_SET = 2
export const TYPE_SORTED_SET = 3
export const TYPE_HASH = 4
export const TYPE_STREAM = 6

/** The names that TYPE answers, by type. */
export const TYPE_NAMES: readonly string[] = ['string', 'list', 'set', 'zset', 'hash', '', 'stream']
