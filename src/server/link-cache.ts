/**
 * Links to targets that nobody uses at the moment, kept for ten seconds: moving many keys one by
 * one would take a new connection for each otherwise.
 *
 * A link is taken out while it is used, so two clients never share one. What is asked for is found
 * by host, port and the user that the link speaks for: nobody comes to use another's login.
 */
import { type Connector, TargetLink } from './target-link.ts'

const KEPT_MS = 10_000
const MAX_LINKS = 64

interface KeptLink {
  readonly target: string
  readonly timer: NodeJS.Timeout
}

export class LinkCache {
  /** The first has been kept for the longest time. */
  private readonly links = new Map<TargetLink, KeptLink>()

  get count(): number {
    return this.links.size
  }

  /** A link that is kept, or a new one; null if there can be none. */
  async take(
    target: string,
    connect: Connector,
    host: string,
    port: number,
    timeoutMs: number,
  ): Promise<TargetLink | null> {
    for (const [link, kept] of this.links) {
      if (kept.target !== target) continue
      this.forget(link)
      if (link.isReady) return link
      link.close()
    }
    return TargetLink.open(connect, host, port, timeoutMs)
  }

  /** Keeps a link that is not used any more. */
  give(target: string, link: TargetLink): void {
    if (!link.isReady) return link.close()
    const timer = setTimeout(() => link.close(), KEPT_MS).unref()
    link.onClosed = () => this.forget(link)
    this.links.set(link, { target, timer })
    if (this.links.size <= MAX_LINKS) return
    const [oldest] = this.links.keys()
    oldest!.close()
  }

  private forget(link: TargetLink): void {
    const kept = this.links.get(link)
    if (kept === undefined) return
    clearTimeout(kept.timer)
    this.links.delete(link)
    link.onClosed = () => {}
  }

  close(): void {
    for (const link of [...this.links.keys()]) link.close()
  }
}
