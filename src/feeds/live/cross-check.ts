import type { InstrumentId } from '../../core/model/ids.js';
import type { HeldQuote } from './last-good.js';

/** A quote older than this says nothing of another source's, ms. */
const FRESH_MS = 10_000;

/** Whoever has newest good quotes, with their ages. */
export interface Quoting {
  quoteOf(id: InstrumentId): { readonly quote: HeldQuote; readonly ageMs: number } | undefined;
}

/** A second source's mid of an instrument, where it is fresh enough to compare with. */
export function secondMid(source: Quoting | undefined, id: InstrumentId): number | undefined {
  const held = source?.quoteOf(id);
  if (held === undefined || held.ageMs > FRESH_MS) return undefined;
  return (held.quote.bid + held.quote.ask) / 2;
}

/**
 * How far two sources tell different prices of an instrument, bps; undefined while they are no further apart than the limit
 * and half of both spreads together, or one of them is not fresh. Which of the two is wrong nobody here can know.
 */
export function disagreement(id: InstrumentId, first: Quoting, second: Quoting, limitBps: number): number | undefined {
  const [a, b] = [first.quoteOf(id), second.quoteOf(id)];
  if (a === undefined || b === undefined || a.ageMs > FRESH_MS || b.ageMs > FRESH_MS) return undefined;
  const [mine, theirs] = [(a.quote.bid + a.quote.ask) / 2, (b.quote.bid + b.quote.ask) / 2];
  const spreads = (a.quote.ask - a.quote.bid + b.quote.ask - b.quote.bid) / 2;
  const apart = Math.abs(mine - theirs);
  return apart <= (limitBps / 10_000) * theirs + spreads ? undefined : (apart / theirs) * 10_000;
}

/** Instruments of which two sources tell different prices. */
export function disagreements(
  ids: readonly InstrumentId[],
  first: Quoting,
  second: Quoting,
  limitBps: number,
): readonly { readonly id: InstrumentId; readonly bps: number }[] {
  return ids.flatMap((id) => {
    const bps = disagreement(id, first, second, limitBps);
    return bps === undefined ? [] : [{ id, bps }];
  });
}
