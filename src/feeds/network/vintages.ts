import type { EpochMs } from '../../core/model/ids.js';
import type { Observation } from '../../core/ports/price-feed.js';

/** A value as it became known. Of one period there may be several: a revision is one more, never in the place of another. */
export interface Vintage {
  readonly period: string;
  /** Decimal digits as the vendor wrote them. */
  readonly value: string;
  readonly knownAt: EpochMs;
}

export interface PullTimes {
  /** When the vendor was asked. */
  readonly seenAt: EpochMs;
  /** When it was asked before, for everything up to its newest value; undefined for the first time. */
  readonly lastSeenAt: EpochMs | undefined;
  /** When a value is usually published. */
  readonly knownBy: (period: string) => EpochMs;
}

export interface Merged {
  /** By period, then by the time they became known. */
  readonly vintages: readonly Vintage[];
  readonly added: number;
  readonly revised: number;
}

/**
 * What a series holds after it was read again. A new value counts as known at the usual time of its publication; one that
 * was not there yet when the vendor was last asked after that time, only when it was first seen. A value that differs from
 * the one known before is a revision, known from when it was first seen. What the vendor says itself of a value goes
 * before both. Values that are gone over there stay here: they were known.
 */
export function mergeVintages(
  stored: readonly Vintage[],
  fresh: readonly Observation[],
  { seenAt, lastSeenAt, knownBy }: PullTimes,
): Merged {
  const byPeriod = periodsOf(stored);
  const newest = [...byPeriod.keys()].sort().at(-1) ?? '';
  let added = 0;
  let revised = 0;
  for (const { period, value, knownAt } of fresh) {
    const known = byPeriod.get(period);
    if (known === undefined) {
      const usual = Math.min(knownBy(period), seenAt);
      const isLate = lastSeenAt !== undefined && period > newest && lastSeenAt >= usual;
      byPeriod.set(period, [{ period, value, knownAt: knownAt ?? (isLate ? seenAt : usual) }]);
      added++;
      continue;
    }
    if (isKnown(known, value, knownAt)) continue;
    known.push({ period, value, knownAt: knownAt ?? seenAt });
    known.sort((a, b) => a.knownAt - b.knownAt);
    revised++;
  }
  const periods = [...byPeriod.keys()].sort();
  return { vintages: periods.flatMap((period) => byPeriod.get(period) ?? []), added, revised };
}

function periodsOf(stored: readonly Vintage[]): Map<string, Vintage[]> {
  const byPeriod = new Map<string, Vintage[]>();
  for (const one of stored) {
    const list = byPeriod.get(one.period);
    if (list === undefined) byPeriod.set(one.period, [one]);
    else list.push(one);
  }
  return byPeriod;
}

/** Nothing new: the value that is known last, or at the time that the vendor names, is this one. */
function isKnown(known: readonly Vintage[], value: string, knownAt: EpochMs | undefined): boolean {
  const then = knownAt === undefined ? known.at(-1) : known.filter((one) => one.knownAt <= knownAt).at(-1);
  return then !== undefined && Number(then.value) === Number(value);
}
