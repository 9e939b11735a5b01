/**
 * MEMORY DOCTOR: what is conspicuous about the memory, in words. What counts as conspicuous is
 * Redis 7.2's (object.c); the advice is about this server.
 */
import type { MemoryOverview } from './memory-overview.ts'

const MB = 1024 * 1024
/** With less than this in use there is nothing to find. */
const LEAST_USED_BYTES = 5 * MB
/** A difference below this is none. */
const LEAST_DIFFERENCE_BYTES = 10 * MB
const LARGE_CLIENT_BYTES = 200 * 1024

function megabytes(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`
}

/** The findings, one text each. */
export function findings(memory: MemoryOverview): string[] {
  const found: string[] = []
  const { reservedToAllocated, touchedToReserved, residentToTouched, residentToUsed } = memory
  if (memory.peakBytes / memory.usedBytes > 1.5) {
    found.push(
      `Peak: ${megabytes(memory.peakBytes)} were in use once, ${megabytes(memory.usedBytes)} are ` +
        'now. What is free is used again before more is taken from the system. MEMORY PURGE ' +
        'gives back what is empty as a whole.',
    )
  }
  if (residentToUsed.ratio > 1.4 && residentToUsed.bytes > LEAST_DIFFERENCE_BYTES) {
    found.push(
      `Resident memory: the process has ${megabytes(residentToUsed.bytes)} more than keys and ` +
        'values take. Some of that are the program itself and the buffers of clients; with ' +
        'little data they weigh much.',
    )
  }
  if (reservedToAllocated.ratio > 1.1 && reservedToAllocated.bytes > LEAST_DIFFERENCE_BYTES) {
    found.push(
      `Fragmentation: ${megabytes(reservedToAllocated.bytes)} of the blocks in slabs that are in ` +
        'use are free. They serve keys and values of the same sizes; MEMORY MALLOC-STATS tells ' +
        'which.',
    )
  }
  if (touchedToReserved.ratio > 1.1 && touchedToReserved.bytes > LEAST_DIFFERENCE_BYTES) {
    found.push(
      `Kept memory: ${megabytes(touchedToReserved.bytes)} are not in use, and were not given ` +
        'back. Try MEMORY PURGE; a segment of 64 MB goes back only if nothing is left in it.',
    )
  }
  if (residentToTouched.ratio > 1.1 && residentToTouched.bytes > LEAST_DIFFERENCE_BYTES) {
    found.push(
      `Beside the data: ${megabytes(residentToTouched.bytes)} of the process are not for keys ` +
        'and values, but for the program, its clients, and what it has not given back yet.',
    )
  }
  if (memory.clientBytes / memory.clients > LARGE_CLIENT_BYTES) {
    found.push(
      `Clients: they take ${megabytes(memory.clientBytes)}, more than 200 KB each on average. ` +
        'CLIENT LIST tells which; maxmemory-clients and client-output-buffer-limit set limits.',
    )
  }
  return found
}

/** The whole report. */
export function doctorReport(memory: MemoryOverview): string {
  if (memory.usedBytes < LEAST_USED_BYTES) {
    return 'There is too little data for a judgement: come back when it is more than 5 MB.\n'
  }
  const found = findings(memory)
  if (found.length === 0) return 'Nothing is conspicuous about the memory of this server.\n'
  return `What is conspicuous about the memory of this server:\n\n${found
    .map((text) => ` * ${text}\n\n`)
    .join('')}`
}
