/** The encodings of sets, and what the entries of a large set's dict look like. */

/** A packed list of the members, in the order in which they came. */
export const PACKED = 0
/** A sorted array of integers (intset.ts). */
export const INTSET = 1
/** A dict, whose entries are a header of two bytes and the member (dict-entry.ts). */
export const DICT = 2

export const SET_ENCODING_NAMES: readonly string[] = ['listpack', 'intset', 'hashtable']

/** Bytes before the member in an entry of the dict: the word with its length. */
export const MEMBER_HEADER_BYTES = 2
