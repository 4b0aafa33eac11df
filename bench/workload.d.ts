export interface Bars {
  readonly n: number;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly ts: Float64Array;
}
export interface W1Result {
  readonly trades: number;
  /** Σ exit − entry, in ticks of 1. */
  readonly ticks: number;
  /** Σ 31 × entry bar + 17 × exit bar, modulo 1,000,000,007. */
  readonly checksum: number;
}
export function walk(n: number, seed?: number): Bars;
export function expected(bars: Bars, fast?: number, slow?: number): W1Result;
