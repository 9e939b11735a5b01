/**
 * Steps on the disk whose order matters, written once and run in either of two ways: at once, on
 * the command thread, as at the start; or with every wait for the disk off it, while clients are
 * served.
 *
 * Such steps are a generator. What takes no time it does itself; for each wait it yields one, and
 * goes on when that is over. A wait that fails throws its error at the `yield`.
 *
 *   function* install(files: Files): Steps<void> {
 *     yield renaming(files, '/data/temp', '/data/dump.rdb')
 *     yield syncOfDirectory(files, '/data')
 *   }
 *   runNow(install(files))
 *   runLater(install(files), (error) => …)
 */
import { dirname } from 'node:path'
import type { Done, Files, OpenFile } from './files.ts'

/** A wait for the disk, in both forms. */
export interface Wait {
  /** Returns when it is over. @throws a system error */
  now(): void
  /** Calls in a later turn. */
  later(done: Done): void
}

export type Steps<Result> = Generator<Wait, Result, void>

export function syncOfFile(file: OpenFile): Wait {
  return { now: () => file.sync(), later: (done) => file.syncLater(done) }
}

export function syncOfDirectory(files: Files, path: string): Wait {
  return {
    now: () => files.syncDirectory(path),
    later: (done) => files.syncDirectoryLater(path, done),
  }
}

export function renaming(files: Files, from: string, to: string): Wait {
  return {
    now: () => files.rename(from, to),
    later: (done) => files.renameLater(from, to, done),
  }
}

export function removal(files: Files, path: string): Wait {
  return { now: () => files.remove(path), later: (done) => files.removeLater(path, done) }
}

/** Does all of it before it returns. @throws what the steps throw */
export function runNow<Result>(steps: Steps<Result>): Result {
  let state = steps.next()
  while (!state.done) {
    let error: unknown = null
    try {
      state.value.now()
    } catch (thrown) {
      error = thrown
    }
    state = error === null ? steps.next() : steps.throw(error)
  }
  return state.value
}

/**
 * Waits off the command thread.
 *
 * @param done told what the steps threw, or null: in a later turn, unless there was no wait
 */
export function runLater(steps: Steps<void>, done: (error: unknown) => void): void {
  const goOn = (next: () => IteratorResult<Wait, void>): void => {
    let state: IteratorResult<Wait, void>
    try {
      state = next()
    } catch (error) {
      return done(error)
    }
    if (state.done) return done(null)
    state.value.later((error) => {
      goOn(() => (error === null ? steps.next() : steps.throw(error)))
    })
  }
  goOn(() => steps.next())
}

/**
 * Writes a whole file beside the one that it is to replace, makes it real, and gives it that name.
 * A failure leaves the old file as it was, and nothing beside it; only when the sync of the
 * directory has failed, either may be found after a crash.
 */
export function* replaceInSteps(files: Files, path: string, content: Uint8Array): Steps<void> {
  const temporary = `${path}.tmp-${process.pid}`
  try {
    const file = files.open(temporary, 'create')
    try {
      for (let at = 0; at < content.length; ) at += file.write(content, at, content.length)
      yield syncOfFile(file)
    } finally {
      file.close()
    }
    yield renaming(files, temporary, path)
  } catch (error) {
    removeQuietly(files, temporary)
    throw error
  }
  yield syncOfDirectory(files, dirname(path))
}

/** For the way out after an error, which is the one that counts. */
function removeQuietly(files: Files, path: string): void {
  try {
    files.remove(path)
  } catch {
    // The temporary file stays.
  }
}
