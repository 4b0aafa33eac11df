import type { EpochMs } from '../../core/model/ids.js';
import type { BarColumns, PriceColumns } from '../../core/model/market.js';
import { pick } from '../../feeds/network/quality.js';

/** Chunks as one, in their order, with memory of its own. */
export function concat(chunks: readonly BarColumns[]): BarColumns {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const column = (of: (chunk: BarColumns) => Float64Array | undefined): Float64Array => {
    const whole = new Float64Array(length);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(of(chunk)?.subarray(0, chunk.length) ?? new Float64Array(chunk.length).fill(Number.NaN), at);
      at += chunk.length;
    }
    return whole;
  };
  const side = (of: (chunk: BarColumns) => PriceColumns | undefined): PriceColumns => ({
    open: column((chunk) => of(chunk)?.open),
    high: column((chunk) => of(chunk)?.high),
    low: column((chunk) => of(chunk)?.low),
    close: column((chunk) => of(chunk)?.close),
  });
  const both = length > 0 && chunks.every((chunk) => chunk.length === 0 || chunk.bid !== undefined);
  return {
    length,
    ts: column((chunk) => chunk.ts),
    price: side((chunk) => chunk.price),
    volume: column((chunk) => chunk.volume),
    ...(both ? { bid: side((chunk) => chunk.bid), ask: side((chunk) => chunk.ask) } : {}),
  };
}

/**
 * What is stored with what was read, by time. A bar that is stored stays as it was known first; where the new one closes
 * elsewhere that is told.
 */
export function join(
  known: BarColumns | undefined,
  fresh: BarColumns,
): {
  readonly bars: BarColumns;
  readonly added: number;
  readonly revised: readonly { readonly ts: EpochMs; readonly was: number; readonly now: number }[];
} {
  if (known === undefined || known.length === 0) return { bars: fresh, added: fresh.length, revised: [] };
  const places = new Map(Array.from({ length: known.length }, (_, i) => [known.ts[i] ?? Number.NaN, i]));
  const revised: { ts: EpochMs; was: number; now: number }[] = [];
  const more: number[] = [];
  for (let i = 0; i < fresh.length; i++) {
    const ts = fresh.ts[i] ?? Number.NaN;
    const place = places.get(ts);
    if (place === undefined) {
      more.push(i);
      continue;
    }
    const [was, now] = [known.price.close[place] ?? Number.NaN, fresh.price.close[i] ?? Number.NaN];
    if (was !== now) revised.push({ ts, was, now });
  }
  const whole = concat([known, pick(fresh, more)]);
  const order = Array.from({ length: whole.length }, (_, i) => i).sort(
    (a, b) => (whole.ts[a] ?? 0) - (whole.ts[b] ?? 0),
  );
  return { bars: pick(whole, order), added: more.length, revised };
}
