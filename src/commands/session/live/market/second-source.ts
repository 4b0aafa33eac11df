import type { InstrumentId } from '../../../../core/model/ids.js';
import type { Instrument } from '../../../../core/model/instrument.js';
import { disagreement, disagreements, type Quoting } from '../../../../feeds/live/cross-check.js';
import type { FeedInUse } from '../../../../feeds/live/live-prices.js';
import { type FeedNews, Steady } from '../../../../feeds/live/news.js';
import { type LiveSurroundings, Source } from '../../../../feeds/live/source.js';

export interface SecondSourceParts extends LiveSurroundings {
  readonly second: FeedInUse;
  /** The broker, and what it tells. */
  readonly broker: string;
  readonly quoting: Quoting;
  readonly instruments: readonly Instrument[];
  readonly timeframeMs: number;
  /** How far the two may be apart, bps; null sets no limit. */
  readonly limitBps: number | null;
}

/**
 * What a vendor says of the prices that a broker tells (`feeds.fallback`). Nothing is decided or traded on it; where the two
 * disagree, nothing new is opened. A vendor that is away says nothing, and stops nothing: the broker is who trades.
 */
export class SecondSource {
  readonly #parts: SecondSourceParts;
  readonly #source: Source;
  readonly #ids: readonly InstrumentId[];
  readonly #away = new Steady();
  readonly #apart = new Steady();

  constructor(parts: SecondSourceParts) {
    this.#parts = parts;
    const { second, clock, stopwatch, wait, rng, instruments, timeframeMs } = parts;
    const { feed, dayEnd } = second;
    const surroundings = { clock, stopwatch, wait, rng };
    this.#source = new Source({ ...surroundings, feed, dayEnd, instruments, timeframeMs, onBar: () => undefined });
    this.#ids = instruments.map(({ id }) => id);
  }

  /** Follows the vendor's stream until the signal. */
  follow(signal: AbortSignal): Promise<void> {
    return this.#source.follow(signal);
  }

  /** Asks the vendor for its prices of now, where it can be asked; a session of one cycle hears no stream. */
  async refresh(): Promise<void> {
    await this.#source.refresh(this.#ids);
  }

  /** Why nothing new may be opened in an instrument; undefined while both agree, or one of them has no fresh price. */
  stops(id: InstrumentId): string | undefined {
    const { broker, quoting, limitBps } = this.#parts;
    if (limitBps === null) return undefined;
    const bps = disagreement(id, quoting, this.#source, limitBps);
    if (bps === undefined) return undefined;
    return `${this.#source.name} tells a price of ${id} that is ${bps.toFixed(1)} bps from ${broker}'s, limit is ${limitBps} bps`;
  }

  /** A moment went by: what changed since the last one, each change once. */
  tick(): readonly FeedNews[] {
    this.#source.tick();
    const { name } = this.#source;
    const { broker } = this.#parts;
    const mono = this.#parts.stopwatch.mono();
    const news: FeedNews[] = [];
    if (this.#source.streams && this.#away.look(this.#source.downSince !== undefined, mono)) {
      const why = this.#source.why;
      news.push(
        this.#away.isAway
          ? { feed: name, state: 'stale', why, to: broker }
          : { feed: name, state: 'back', why: 'prices come again' },
      );
    }
    const { limitBps, quoting } = this.#parts;
    if (limitBps === null) return news;
    const apart = disagreements(this.#ids, quoting, this.#source, limitBps);
    if (!this.#apart.look(apart.length > 0, mono)) return news;
    const feed = `${broker} against ${name}`;
    const [one] = apart;
    if (one === undefined) return [...news, { feed, state: 'back', why: 'both tell the same again' }];
    const why = `${one.id} differs by ${one.bps.toFixed(0)} bps, allowed are ${limitBps}`;
    return [...news, { feed, state: 'disagree', why, instruments: apart.map(({ id }) => id) }];
  }
}
