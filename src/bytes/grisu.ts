/**
 * The shortest decimal digits of a double, as Redis 7.2 finds them: Grisu2 (Florian Loitsch,
 * "Printing Floating-Point Numbers Quickly and Accurately with Integers", PLDI 2010), in the
 * variant of the fpconv library.
 *
 * JavaScript's own shortest form will not do: Grisu2 computes with 64 bits and gives up the outer
 * unit of the rounding interval, so about one double in a thousand gets a longer or a farther text
 * (which still reads back as the same double). Replies, snapshots and scripts that compare scores
 * as text want Redis's, digit for digit.
 *
 * The algorithm: scale the interval of all reals that round to the value by a cached power of ten,
 * so that its upper end has 32 to 60 fraction bits; write digits of the upper end until what is
 * left fits into the interval; then lower the last digit while that comes closer to the value.
 * The 64-bit products are bigints; the digits come from pairs of 32-bit halves.
 */

const HIDDEN_BIT = 1n << 52n
const FRACTION_MASK = HIDDEN_BIT - 1n
const EXPONENT_BIAS = 1023 + 52
const TWO_32 = 2 ** 32

/** Cached powers are 10^-348, 10^-340, … 10^340. */
const FIRST_POWER = -348
const POWER_STEP = 8
const POWERS = 87
/** The scaled exponent must lie between these. */
const MIN_EXPONENT = -60
const MAX_EXPONENT = -32

/** 10^(FIRST_POWER + 8 i) is about POWER_FRACTIONS[i] * 2^POWER_EXPONENTS[i], of 64 bits. */
const POWER_FRACTIONS = new BigUint64Array(POWERS)
const POWER_EXPONENTS = new Int16Array(POWERS)

for (let i = 0; i < POWERS; i++) {
  const power = FIRST_POWER + POWER_STEP * i
  const ten = 10n ** BigInt(Math.abs(power))
  const bits = ten.toString(2).length
  if (power >= 0) {
    POWER_EXPONENTS[i] = bits - 64
    POWER_FRACTIONS[i] = roundedQuotient(ten << 64n, 1n << BigInt(bits))
  } else {
    POWER_EXPONENTS[i] = -bits - 63
    POWER_FRACTIONS[i] = roundedQuotient(1n << BigInt(bits + 63), ten)
  }
}

/** numerator / denominator to the nearest integer. */
function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator)
}

const double = new Float64Array(1)
const doubleBits = new BigUint64Array(double.buffer)

/** digits * 10^exponent. */
export interface DecimalDigits {
  digits: string
  exponent: number
}

/** The digits of a finite double above zero. */
export function grisuDigits(value: number): DecimalDigits {
  double[0] = value
  const bits = doubleBits[0]
  const biased = Number(bits >> 52n)
  const fraction = biased === 0 ? bits & FRACTION_MASK : (bits & FRACTION_MASK) | HIDDEN_BIT
  const exponent = (biased === 0 ? 1 : biased) - EXPONENT_BIAS

  // All three share the exponent of the normalized value.
  const shift = biased === 0 ? 64 - fraction.toString(2).length : 11
  const middle = fraction << BigInt(shift)
  const half = 1n << BigInt(shift - 1)
  const upper = middle + half
  const lower = middle - (fraction === HIDDEN_BIT ? half >> 1n : half)

  const index = powerIndex(exponent - shift)
  const power = POWER_FRACTIONS[index]
  const scaledUpper = product(upper, power) - 1n
  const scaledLower = product(lower, power) + 1n
  return generateDigits(
    scaledUpper,
    scaledUpper - product(middle, power),
    scaledUpper - scaledLower,
    -(exponent - shift + POWER_EXPONENTS[index] + 64),
    -(FIRST_POWER + index * POWER_STEP),
  )
}

/** The cached power that brings a value of this exponent into the wanted range. */
function powerIndex(exponent: number): number {
  const estimate = Math.trunc(-(exponent + POWERS) * 0.30102999566398114)
  let index = Math.trunc((estimate - FIRST_POWER) / POWER_STEP)
  while (true) {
    const scaled = exponent + POWER_EXPONENTS[index] + 64
    if (scaled < MIN_EXPONENT) index++
    else if (scaled > MAX_EXPONENT) index--
    else return index
  }
}

/** The upper 64 bits of a product, rounded. */
function product(a: bigint, b: bigint): bigint {
  return (a * b + (1n << 63n)) >> 64n
}

/**
 * Writes the digits of `upper`, which has `fractionBits` bits behind its point, until they
 * determine a number within `interval` below it; `distance` is how far below it the value lies.
 */
function generateDigits(
  upper: bigint,
  distance: bigint,
  interval: bigint,
  fractionBits: number,
  exponent: number,
): DecimalDigits {
  const bits = BigInt(fractionBits)
  const whole = Number(upper >> bits)
  const fraction = BigInt.asUintN(fractionBits, upper)
  const wholeInterval = Number(interval >> bits)
  let digits = ''
  let rest = whole
  let unit = 1_000_000_000
  for (let kappa = 9; kappa >= 0; kappa--) {
    const digit = Math.floor(rest / unit)
    if (digit !== 0 || digits !== '') digits += digit
    rest -= digit * unit
    if (rest <= wholeInterval) {
      const remainder = (BigInt(rest) << bits) + fraction
      if (remainder <= interval) {
        const step = BigInt(unit) << bits
        return {
          digits: roundDown(digits, interval, remainder, step, distance),
          exponent: exponent + kappa,
        }
      }
    }
    unit /= 10
  }

  // The fraction and the interval as halves: the upper one with bits above fractionBits - 32.
  const one = 2 ** (fractionBits - 32)
  let fractionHigh = Number(fraction >> 32n)
  let fractionLow = Number(fraction & 0xffffffffn)
  let intervalHigh = Number(interval >> 32n)
  let intervalLow = Number(interval & 0xffffffffn)
  let decimals = 0
  while (true) {
    fractionLow *= 10
    const carry = Math.floor(fractionLow / TWO_32)
    fractionLow -= carry * TWO_32
    fractionHigh = fractionHigh * 10 + carry
    intervalLow *= 10
    const intervalCarry = Math.floor(intervalLow / TWO_32)
    intervalLow -= intervalCarry * TWO_32
    intervalHigh = intervalHigh * 10 + intervalCarry
    decimals++

    const digit = Math.floor(fractionHigh / one)
    if (digit !== 0 || digits !== '') digits += digit
    fractionHigh -= digit * one
    if (
      fractionHigh < intervalHigh ||
      (fractionHigh === intervalHigh && fractionLow < intervalLow)
    ) {
      const remainder = BigInt(fractionHigh) * 0x100000000n + BigInt(fractionLow)
      const scaledInterval = BigInt(intervalHigh) * 0x100000000n + BigInt(intervalLow)
      const scaledDistance = distance * BigInt(10 ** decimals)
      return {
        digits: roundDown(digits, scaledInterval, remainder, 1n << bits, scaledDistance),
        exponent: exponent - decimals,
      }
    }
  }
}

/**
 * Lowers the last digit while the number stays in the interval and comes closer to the value.
 * `remainder` is how far the digits lie below the upper end, `step` what one of the last digit is.
 */
function roundDown(
  digits: string,
  interval: bigint,
  remainder: bigint,
  step: bigint,
  distance: bigint,
): string {
  let steps = 0
  let rest = remainder
  while (
    rest < distance &&
    interval - rest >= step &&
    (rest + step < distance || distance - rest > rest + step - distance)
  ) {
    steps++
    rest += step
  }
  if (steps === 0) return digits
  const last = digits.length - 1
  return digits.slice(0, last) + String.fromCharCode(digits.charCodeAt(last) - steps)
}
