/**
 * A user: passwords, and what they give the right to. Sessions hold on to the object itself, so
 * that a change of its rights is a change of theirs.
 *
 * Invariants: the first selector is the user's own (the rules outside of parentheses), and is
 * always there; `hasAllRights` says whether any selector allows everything, and is brought up to
 * date by whoever has changed one.
 */
import { equalHashes } from './password.ts'
import { Selector } from './selector.ts'

export class User {
  readonly name: string
  isEnabled = false
  /** Any password is right. */
  needsNoPassword = false
  /** Whether RESTORE has to check what this user gives it; here it always does. */
  sanitizesPayload = true
  /** Hashes, in the order in which they came. */
  passwords: string[] = []
  selectors: Selector[]
  /** Nothing need be asked: looked at for every command. */
  hasAllRights = false

  constructor(name: string, commandCount: number, allChannels: boolean) {
    this.name = name
    this.selectors = [new Selector(commandCount, allChannels)]
  }

  /** The selector that the rules outside of parentheses make. */
  get root(): Selector {
    return this.selectors[0]!
  }

  /** Takes over everything but the name. */
  takeRulesOf(other: User): void {
    this.isEnabled = other.isEnabled
    this.needsNoPassword = other.needsNoPassword
    this.sanitizesPayload = other.sanitizesPayload
    this.passwords = [...other.passwords]
    this.selectors = other.selectors.map((selector) => selector.copy())
    this.update()
  }

  /** To be called after the selectors have changed. */
  update(): void {
    this.hasAllRights = this.selectors.some((selector) => selector.allowsAll)
  }

  /** Whether the user may log in with the password of this hash. */
  accepts(hash: string): boolean {
    if (!this.isEnabled) return false
    if (this.needsNoPassword) return true
    let isRight = false
    for (const password of this.passwords) if (equalHashes(password, hash)) isRight = true
    return isRight
  }
}
