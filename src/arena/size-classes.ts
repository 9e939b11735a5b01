/**
 * The sizes of small blocks.
 *
 * A slab of 64 KB holds blocks of one size only. Sizes rise by 8 bytes up to 128 and then by eight
 * steps a doubling, as jemalloc and mimalloc have it, so that rounding up wastes at most an eighth.
 * Each size above 128 is then widened to the largest that fits a slab as many times, so that no
 * tail of the slab is lost; from 4 KB on every such size, one for each count of blocks, is a class.
 *
 * Invariants: sizes are multiples of 8 and rise strictly; a slab holds four blocks or more; class 0
 * means "no class", so that a zeroed table says so.
 */

export const SLAB_BYTES = 65536

/**
 * The largest request that slabs serve. Above a quarter of a slab, classes are so far apart that
 * runs of pages waste less: measured with values of 1 to 40 KB, reserved bytes are 1.13 times those
 * asked for, against 1.20 with a limit of half a slab.
 */
export const LARGEST_SMALL_BYTES = 16384

export const NO_CLASS = 0

function classSizes(): number[] {
  const sizes: number[] = []
  for (let bytes = 8; bytes <= 128; bytes += 8) sizes.push(bytes)
  for (let base = 128; base < 4096; base *= 2) {
    for (let step = 1; step <= 8; step++) {
      sizes.push(filling(Math.floor(SLAB_BYTES / (base + (base / 8) * step))))
    }
  }
  const smallest = SLAB_BYTES / LARGEST_SMALL_BYTES
  for (let blocks = SLAB_BYTES / 4096 - 1; blocks >= smallest; blocks--) sizes.push(filling(blocks))
  return sizes
}

/** The largest multiple of 8 that fits a slab `blocks` times. */
function filling(blocks: number): number {
  return Math.floor(SLAB_BYTES / blocks / 8) * 8
}

const sizes = [0, ...classSizes()]

/** How many classes there are; they are numbered from 1 to this, inclusive. */
export const CLASS_COUNT = sizes.length - 1

/** Bytes of a block, by class. */
export const CLASS_BYTES = Int32Array.from(sizes)

/** Units of 8 bytes of a block, by class. */
export const CLASS_UNITS = CLASS_BYTES.map((bytes) => bytes >>> 3)

/** Blocks of a slab, by class. */
export const CLASS_BLOCKS = CLASS_BYTES.map((bytes) =>
  bytes === 0 ? 0 : Math.floor(SLAB_BYTES / bytes),
)

/** The class that serves a request, by `(bytes + 7) >>> 3`; a request of 0 bytes gets a block. */
export const CLASS_OF_UNITS = new Uint8Array((LARGEST_SMALL_BYTES >>> 3) + 1)

for (let units = 0, sizeClass = 1; units < CLASS_OF_UNITS.length; units++) {
  if (units > CLASS_UNITS[sizeClass]) sizeClass++
  CLASS_OF_UNITS[units] = sizeClass
}
