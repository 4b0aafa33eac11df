import type { EpochMs } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import { byKnowledge, type Headline } from './headline.js';
import type { Named } from './names.js';
import { withoutRepeats } from './repeats.js';
import { type ScorerName, scorerOf } from './scorer.js';

/** News beside the headlines themselves: one that says nothing, so that a single headline is not taken at its word. */
const SILENCE = 1;

/** What the news says of an instrument at a moment. The object may be reused: copy what you keep. */
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

/**
 * What the news known at a moment says of an instrument. Each headline counts with its relevance, halved for every half-life
 * of its age, beside one silent headline: score = Σ weight × score ÷ (1 + Σ weight). A headline counts from `knownAt` on and
 * never earlier; what repeats a story of before does not count.
 */
export class SentimentBook {
  readonly #tracks: ReadonlyMap<string, Track>;
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

  /** For a stock the news of its ticker, else the news of its base minus that of its quote. */
  lineOf({ id, base, quote, assetClass }: Instrument, halfLifeMs: number): SentimentLine {
    const track = (kind: Named['kind'], code: string): Decay =>
      new Decay(this.#tracks.get(`${kind} ${code}`), halfLifeMs);
    if (assetClass === 'stock' || assetClass === 'other') return new SentimentLine(track('ticker', id), undefined);
    return new SentimentLine(track('currency', base), track('currency', quote));
  }
}

/** The news of one instrument as time goes on. Lookups that go back in time begin anew, and find the same. */
export class SentimentLine {
  readonly #base: Decay;
  readonly #quote: Decay | undefined;
  readonly #found = { score: 0, weight: 0 };

  constructor(base: Decay, quote: Decay | undefined) {
    this.#base = base;
    this.#quote = quote;
  }

  at(ts: EpochMs): Sentiment {
    this.#base.move(ts);
    this.#quote?.move(ts);
    this.#found.score = this.#base.score - (this.#quote?.score ?? 0);
    this.#found.weight = this.#base.weight + (this.#quote?.weight ?? 0);
    return this.#found;
  }
}

/**
 * The sums of one track as of a moment. They are kept as of the newest headline, so what a moment shows does not depend on
 * which moments were asked for before. `Math.exp` is V8's own code: the same bits on every machine.
 */
class Decay {
  readonly #track: Track | undefined;
  readonly #halfLifeMs: number;
  #next = 0;
  #at: EpochMs = Number.NEGATIVE_INFINITY;
  #sum = 0;
  #weight = 0;
  score = 0;
  weight = 0;

  constructor(track: Track | undefined, halfLifeMs: number) {
    this.#track = track;
    this.#halfLifeMs = halfLifeMs;
  }

  move(ts: EpochMs): void {
    const track = this.#track;
    if (track === undefined) return;
    if (this.#at > ts) this.#restart();
    for (let at = track.at[this.#next]; at !== undefined && at <= ts; at = track.at[this.#next]) this.#take(track, at);
    if (this.#next === 0) return;
    const left = this.#left(ts);
    this.weight = this.#weight * left;
    this.score = (this.#sum * left) / (SILENCE + this.weight);
  }

  #take(track: Track, at: EpochMs): void {
    const weight = track.weight[this.#next] ?? 0;
    const left = this.#next === 0 ? 0 : this.#left(at);
    this.#sum = this.#sum * left + weight * (track.score[this.#next] ?? 0);
    this.#weight = this.#weight * left + weight;
    this.#at = at;
    this.#next++;
  }

  #left(ts: EpochMs): number {
    return Math.exp((-Math.LN2 * (ts - this.#at)) / this.#halfLifeMs);
  }

  #restart(): void {
    this.#next = 0;
    this.#at = Number.NEGATIVE_INFINITY;
    this.#sum = 0;
    this.#weight = 0;
    this.score = 0;
    this.weight = 0;
  }
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
