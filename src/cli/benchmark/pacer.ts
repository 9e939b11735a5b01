/**
 * The timetable of a run with `--rate`: batch k is due at start + k * interval, whether or not the
 * server has answered those before.
 *
 * Latencies count from that time. A client that waits for a slow reply before it sends the next
 * request would leave out just those requests that had to wait ("coordinated omission"): one stall
 * of a second would be one slow request instead of the thousand that a user would have had.
 */
export class Pacer {
  private readonly intervalUs: number
  private startUs = 0
  private taken = 0

  /**
   * @param requestsPerSecond of this timetable
   * @param batchRequests requests that go out together
   */
  constructor(requestsPerSecond: number, batchRequests: number) {
    this.intervalUs = (1e6 * batchRequests) / requestsPerSecond
  }

  start(nowUs: number): void {
    this.startUs = nowUs
    this.taken = 0
  }

  /** When the next batch is due. */
  get nextDueUs(): number {
    return this.startUs + this.taken * this.intervalUs
  }

  /** Takes the next batch if it is due. @returns the time that it was due; NaN if none is */
  take(nowUs: number): number {
    const dueUs = this.nextDueUs
    if (dueUs > nowUs) return Number.NaN
    this.taken++
    return dueUs
  }
}
