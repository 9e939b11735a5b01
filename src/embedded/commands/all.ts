/**
 * The methods of all commands. This file is written by `npm run docs`.
 *
 * `T` is what strings are answered as, `M` how a method answers.
 */
import type { Mode } from '../command-types.ts'
import type { BitmapCommands } from './bitmap.ts'
import type { ConnectionCommands } from './connection.ts'
import type { GenericCommands } from './generic.ts'
import type { HashCommands } from './hash.ts'
import type { HyperloglogCommands } from './hyperloglog.ts'
import type { ListCommands } from './list.ts'
import type { PubsubCommands } from './pubsub.ts'
import type { ServerCommands } from './server.ts'
import type { SetCommands } from './set.ts'
import type { SortedSetCommands } from './sorted-set.ts'
import type { StringCommands } from './string.ts'
import type { TransactionsCommands } from './transactions.ts'

export interface StoreCommands<T, M extends Mode>
  extends BitmapCommands<T, M>,
    ConnectionCommands<T, M>,
    GenericCommands<T, M>,
    HashCommands<T, M>,
    HyperloglogCommands<T, M>,
    ListCommands<T, M>,
    PubsubCommands<T, M>,
    ServerCommands<T, M>,
    SetCommands<T, M>,
    SortedSetCommands<T, M>,
    StringCommands<T, M>,
    TransactionsCommands<T, M> {}
