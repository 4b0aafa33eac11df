import type { EpochMs } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import { byKnowledge, type Headline } from './headline.js';
import { withoutRepeats } from './repeats.js';
import { type ScorerName, scorerOf } from './scorer.js';

/** News beside the headlines themselves: one that says nothing, so that a single headline is not taken at its word. */
const SILENCE = 1;

/** What the news says of an instrument at a moment. */
export interface Sentiment {
  /** −2 … 2 for a pair (base minus quote, each −1 … 1), −1 … 1 for a stock; positive is good for the price. */
  readonly score: number;
  /** Decayed count of the headlines behind it, by relevance: 2 is two headlines of this moment, or four of one half-life ago. */
  readonly weight: number;
}

/** Scored headlines about one subject, as columns, in the order in which they became known. */
interface Track {
  readonly at: Float64Array;
  readonly score: Float64Array;
  readonly weight: Float64Array;
}

/** Where a track stands: its sums as of `at`, with everything up to `next` told. */
interface Cursor {
  next: number;
  at: EpochMs;
  sum: number;
  weight: number;
}

/**
 * What the news known at a moment says of an instrument. Each headline counts with its relevance, halved for every half-life
 * of its age, beside one silent headline: score = Σ weight × score ÷ (1 + Σ weight). A headline counts from `knownAt` on and
 * never earlier. Lookups go forward in time; one that goes back begins anew.
 *
 * Powers of two are taken with `Math.exp`, whose bits are those of V8's own code on every machine.
 */
export class SentimentBook {
  readonly #tracks: ReadonlyMap<string, Track>;
  readonly #cursors = new Map<string, Cursor>();
  /** Headlines that were left out because they repeat one before. */
  readonly repeats: number;
  readonly headlines: number;

  /** Headlines in any order. */
  constructor(headlines: readonly Headline[], scorer: ScorerName) {
    const { kept, repeats } = withoutRepeats([...headlines].sort(byKnowledge));
    this.#tracks = tracksOf(kept, scorer);
    this.headlines = kept.length;
    this.repeats = repeats;
  }

  get isEmpty(): boolean {
    return this.#tracks.size === 0;
  }

  /** For a stock the news of its ticker, else the news of its base minus that of its quote. */
  of({ id, base, quote, assetClass }: Instrument, ts: EpochMs, halfLifeMs: number): Sentiment {
    if (assetClass === 'stock' || assetClass === 'other') return this.#subject(`ticker ${id}`, ts, halfLifeMs);
    const left = this.#subject(`currency ${base}`, ts, halfLifeMs);
    const right = this.#subject(`currency ${quote}`, ts, halfLifeMs);
    return { score: left.score - right.score, weight: left.weight + right.weight };
  }

  #subject(key: string, ts: EpochMs, halfLifeMs: number): Sentiment {
    const track = this.#tracks.get(key);
    if (track === undefined) return NOTHING;
    const name = `${key} ${halfLifeMs}`;
    let cursor = this.#cursors.get(name);
    if (cursor === undefined || cursor.at > ts) {
      cursor = { next: 0, at: Number.NEGATIVE_INFINITY, sum: 0, weight: 0 };
      this.#cursors.set(name, cursor);
    }
    for (; cursor.next < track.at.length; cursor.next++) {
      const at = track.at[cursor.next] ?? 0;
      if (at > ts) break;
      const weight = track.weight[cursor.next] ?? 0;
      decay(cursor, at, halfLifeMs);
      cursor.sum += weight * (track.score[cursor.next] ?? 0);
      cursor.weight += weight;
    }
    if (cursor.next === 0) return NOTHING;
    // The cursor itself stays at the last headline: what a moment shows does not depend on which moments were asked before.
    const left = Math.exp((-Math.LN2 * (ts - cursor.at)) / halfLifeMs);
    const weight = cursor.weight * left;
    return { score: (cursor.sum * left) / (SILENCE + weight), weight };
  }
}

const NOTHING: Sentiment = { score: 0, weight: 0 };

function decay(cursor: Cursor, to: EpochMs, halfLifeMs: number): void {
  const left = cursor.weight === 0 ? 0 : Math.exp((-Math.LN2 * (to - cursor.at)) / halfLifeMs);
  cursor.sum *= left;
  cursor.weight *= left;
  cursor.at = to;
}

function tracksOf(headlines: readonly Headline[], name: ScorerName): ReadonlyMap<string, Track> {
  const scorer = scorerOf(name);
  const rows = new Map<string, { at: number[]; score: number[]; weight: number[] }>();
  for (const headline of headlines) {
    for (const subject of headline.subjects) {
      const score = scorer.score(headline, subject);
      if (score === undefined) continue;
      const key = `${subject.kind} ${subject.code}`;
      const row = rows.get(key) ?? { at: [], score: [], weight: [] };
      rows.set(key, row);
      row.at.push(headline.knownAt);
      row.score.push(score);
      row.weight.push(subject.relevance);
    }
  }
  return new Map(
    [...rows].map(([key, { at, score, weight }]) => [
      key,
      { at: Float64Array.from(at), score: Float64Array.from(score), weight: Float64Array.from(weight) },
    ]),
  );
}
