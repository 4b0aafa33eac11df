import type { InstrumentId } from '../../core/model/ids.js';
import type { Source } from './source.js';

/** A quote older than this says nothing of another source's, ms. */
const FRESH_MS = 10_000;

/** A second source's mid of an instrument, where it is fresh enough to compare with. */
export function secondMid(source: Source | undefined, id: InstrumentId): number | undefined {
  const held = source?.quoteOf(id);
  if (held === undefined || held.ageMs > FRESH_MS) return undefined;
  return (held.quote.bid + held.quote.ask) / 2;
}

/**
 * Instruments of which two sources tell different prices: mids further apart than the limit and half of both spreads
 * together. Which of the two is wrong nobody here can know.
 */
export function disagreements(
  ids: readonly InstrumentId[],
  first: Source,
  second: Source,
  limitBps: number,
): readonly { readonly id: InstrumentId; readonly bps: number }[] {
  return ids.flatMap((id) => {
    const [a, b] = [first.quoteOf(id), second.quoteOf(id)];
    if (a === undefined || b === undefined || a.ageMs > FRESH_MS || b.ageMs > FRESH_MS) return [];
    const [mine, theirs] = [(a.quote.bid + a.quote.ask) / 2, (b.quote.bid + b.quote.ask) / 2];
    const spreads = (a.quote.ask - a.quote.bid + b.quote.ask - b.quote.bid) / 2;
    const apart = Math.abs(mine - theirs);
    return apart <= (limitBps / 10_000) * theirs + spreads ? [] : [{ id, bps: (apart / theirs) * 10_000 }];
  });
}
