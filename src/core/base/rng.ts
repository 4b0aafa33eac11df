/** A seeded source of chance. Same seed, same numbers, on every machine: integer arithmetic only. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number;
  /** The four words of state, for a snapshot. */
  save(): readonly [number, number, number, number];
}

/** xoshiro128** by Blackman and Vigna (2018), seeded through splitmix32. `seed` is any string or number. */
export function seededRng(seed: string | number): Rng {
  const text = String(seed);
  let h = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x85ebca6b) + 0x6d2b79f5;
  const word = (): number => {
    h = (h + 0x9e3779b9) | 0;
    let z = h ^ (h >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return restoredRng([word(), word(), word(), word() | 1]);
}

/** The source that `save()` was called on, going on from there. */
export function restoredRng(state: readonly [number, number, number, number]): Rng {
  let [a, b, c, d] = state;
  return {
    next() {
      const scrambled = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = rotl(d, 11);
      return scrambled / 4294967296;
    },
    save: () => [a, b, c, d],
  };
}

function rotl(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
