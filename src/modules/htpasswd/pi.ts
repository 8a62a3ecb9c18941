/** The first `words` times 32 bits behind the binary point of pi: numbers with nothing up their sleeve. */
export function piWords(words: number): Uint32Array {
  const spare = 64n;
  const bits = BigInt(words) * 32n + spare;
  // Machin: pi / 4 = 4 arctan(1/5) - arctan(1/239)
  const pi = 4n * (4n * arctan(5n, bits) - arctan(239n, bits));
  let fraction = (pi & ((1n << bits) - 1n)) >> spare;
  const found = new Uint32Array(words);
  for (let at = words - 1; at >= 0; at--) {
    found[at] = Number(fraction & 0xffff_ffffn);
    fraction >>= 32n;
  }
  return found;
}

/** arctan(1/x), times 2 to the power of `bits`. */
function arctan(x: bigint, bits: bigint): bigint {
  let power = (1n << bits) / x;
  let sum = 0n;
  for (let divisor = 1n; power > 0n; divisor += 2n) {
    sum += divisor % 4n === 1n ? power / divisor : -(power / divisor);
    power /= x * x;
  }
  return sum;
}
