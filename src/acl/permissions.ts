/**
 * Whether a user may make a request: the check that every command of a user without all rights
 * goes through. It makes no object for commands whose keys stand at fixed places, and compares
 * bytes where they lie.
 *
 * A request is allowed if one of the user's selectors allows the command with all its keys and
 * channels. If none does, what is told is the worst that any of them had against it (a channel is
 * worse than a key, a key than the command), and of those the last argument, as in Redis 7.2.6.
 */
import type { Command } from '../commands/command-table.ts'
import type { Args } from '../resp/args.ts'
import { RequestRights } from './request-rights.ts'
import type { Selector } from './selector.ts'
import type { User } from './user.ts'

export const ALLOWED = 0
export const DENIED_COMMAND = 1
export const DENIED_KEY = 2
export const DENIED_AUTH = 3
export const DENIED_CHANNEL = 4

/** In the order in which one outweighs the other; AUTH is only ever logged. */
export type Verdict =
  | typeof ALLOWED
  | typeof DENIED_COMMAND
  | typeof DENIED_KEY
  | typeof DENIED_AUTH
  | typeof DENIED_CHANNEL

export class Permissions {
  /** The argument that was the reason of the last refusal; 0 if it was the command. */
  place = 0
  /** By number of the command, made when it is first asked for. */
  private readonly rights: (RequestRights | undefined)[] = []
  /** Whether the keys of the request have been found. */
  private hasFound = false

  check(user: User, command: Command, args: Args): Verdict {
    const rights = this.rightsOf(command)
    const { selectors } = user
    let worst: Verdict = DENIED_COMMAND
    let last = 0
    this.hasFound = false
    for (let i = 0; i < selectors.length; i++) {
      this.place = 0
      const verdict = this.checkSelector(selectors[i]!, command, rights, args)
      if (verdict === ALLOWED) return ALLOWED
      if (verdict > worst || (verdict === worst && this.place > last)) {
        worst = verdict
        last = this.place
      }
    }
    this.place = last
    return worst
  }

  /**
   * Whether a user may make a request and besides use every key there is so, as what a key's value
   * names is not known beforehand.
   */
  allowsAllKeys(user: User, command: Command, args: Args, needed: number): boolean {
    const rights = this.rightsOf(command)
    this.hasFound = false
    return user.selectors.some(
      (selector) =>
        this.checkSelector(selector, command, rights, args) === ALLOWED &&
        selector.allowsAllKeys(needed),
    )
  }

  private rightsOf(command: Command): RequestRights {
    const { id } = command
    let rights = this.rights[id]
    if (rights === undefined) {
      rights = new RequestRights(command)
      this.rights[id] = rights
    }
    return rights
  }

  private checkSelector(
    selector: Selector,
    command: Command,
    rights: RequestRights,
    args: Args,
  ): Verdict {
    if (!selector.allowsCommand(command, args)) return DENIED_COMMAND
    if (rights.hasKeys && !selector.allKeys) {
      const denied = this.deniedKey(selector, rights, args)
      if (denied > 0) {
        this.place = denied
        return DENIED_KEY
      }
    }
    const { channels } = rights
    if (channels === null || selector.allChannels) return ALLOWED
    const end = channels.isOne ? 2 : args.count
    for (let i = 1; i < end; i++) {
      const start = args.starts[i]!
      if (selector.allowsChannel(args.bytes, start, args.ends[i]!, channels.isPattern)) continue
      this.place = i
      return DENIED_CHANNEL
    }
    return ALLOWED
  }

  /** Index of the first argument that is a key which the selector denies; 0 if it denies none. */
  private deniedKey(selector: Selector, rights: RequestRights, args: Args): number {
    const { onlyPlace } = rights
    if (onlyPlace > 0 && onlyPlace < args.count) {
      return selector.allowsKey(args, onlyPlace, rights.neededForOnly(args)) ? 0 : onlyPlace
    }
    if (!this.hasFound) rights.find(args)
    this.hasFound = true
    for (let i = 0; i < rights.count; i++) {
      const place = rights.places[i]!
      if (!selector.allowsKey(args, place, rights.needed[i]!)) return place
    }
    return 0
  }
}
