import type { EpochMs } from '../../core/model/ids.js';
import type { Headline } from '../../core/sentiment/headline.js';

const MINUTE_MS = 60_000;
/** A vendor needs this long to hand a story on; only what comes later than that came late, ms. */
const USUAL_DELAY_MS = 15 * MINUTE_MS;

export interface NewsTimes {
  /** When the vendor was asked. */
  readonly seenAt: EpochMs;
  /** When it was asked before, for everything up to then; undefined when nothing can be told from what it did not have. */
  readonly lastSeenAt: EpochMs | undefined;
}

export interface MergedNews {
  readonly headlines: readonly Headline[];
  readonly added: number;
  readonly revised: number;
}

/**
 * What is stored, and what was read now. A headline that the vendor did not have when it was last asked after its time came
 * late, or was dated back: it counts as known from now. Another wording of an item is one more headline, known from when the
 * vendor says it was revised, else from now; the first one stays, because it was what people read.
 */
export function mergeNews(
  stored: readonly Headline[],
  fresh: readonly Headline[],
  { seenAt, lastSeenAt }: NewsTimes,
): MergedNews {
  const items = new Map<string, Headline[]>();
  for (const one of stored) items.set(keyOf(one), [...(items.get(keyOf(one)) ?? []), one]);
  let added = 0;
  let revised = 0;
  for (const one of fresh) {
    const known = items.get(keyOf(one));
    if (known === undefined) {
      const late = lastSeenAt !== undefined && one.publishedAt < lastSeenAt - USUAL_DELAY_MS;
      items.set(keyOf(one), [late ? { ...one, knownAt: Math.max(one.knownAt, seenAt) } : one]);
      added++;
      continue;
    }
    if (known.some(({ text }) => text === one.text)) continue;
    const newest = Math.max(...known.map(({ knownAt }) => knownAt));
    known.push({ ...one, knownAt: one.knownAt > newest ? one.knownAt : Math.max(seenAt, one.knownAt) });
    revised++;
  }
  return { headlines: [...items.values()].flat(), added, revised };
}

const keyOf = ({ source, id }: Headline): string => `${source}\n${id}`;
