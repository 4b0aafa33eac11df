import { type ConversionLeg, conversionPath, convertRate } from '../../../../core/model/conversion.js';
import type { EpochMs } from '../../../../core/model/ids.js';
import type { PriceUpdate, SandboxInstrument } from '../message.js';

export interface Quote {
  readonly bid: number;
  readonly ask: number;
  readonly tradeable: boolean;
  readonly liquidity: number;
  readonly at: EpochMs;
}

/** Account currency for one unit of a quote currency. */
export interface HomeFactors {
  /** For what is gained. */
  readonly gain: number;
  /** For what is lost. */
  readonly loss: number;
  readonly mid: number;
}

const DEEP = 10_000_000;

/** Instruments and their prices now. */
export class Market {
  readonly instruments: ReadonlyMap<string, SandboxInstrument>;
  readonly #list: readonly SandboxInstrument[];
  readonly #quotes = new Map<string, Quote>();
  readonly #halted = new Set<string>();
  readonly #mids: Float64Array;
  readonly #paths = new Map<string, readonly ConversionLeg[] | undefined>();
  readonly #markup: number;

  constructor(instruments: readonly SandboxInstrument[], markup: number) {
    this.#list = instruments;
    this.instruments = new Map(instruments.map((one) => [one.name, one]));
    this.#mids = new Float64Array(instruments.length).fill(Number.NaN);
    this.#markup = markup;
  }

  /** The price as it is now, halted or not; undefined before the first one. */
  quote(name: string): Quote | undefined {
    const quote = this.#quotes.get(name);
    return quote !== undefined && this.#halted.has(name) ? { ...quote, tradeable: false } : quote;
  }

  set({ instrument, bid, ask, tradeable = true, liquidity = DEEP }: PriceUpdate, at: EpochMs): void {
    const index = this.#list.findIndex((one) => one.name === instrument);
    if (index < 0) return;
    this.#quotes.set(instrument, { bid, ask, tradeable, liquidity, at });
    this.#mids[index] = (bid + ask) / 2;
  }

  halt(name: string, halted: boolean): void {
    if (halted) this.#halted.add(name);
    else this.#halted.delete(name);
  }

  mid(name: string): number {
    const quote = this.#quotes.get(name);
    return quote === undefined ? Number.NaN : (quote.bid + quote.ask) / 2;
  }

  /** NaN while a price of the way is unknown. */
  home(currency: string, accountCurrency: string): HomeFactors {
    if (currency === accountCurrency) return { gain: 1, loss: 1, mid: 1 };
    const key = `${currency}>${accountCurrency}`;
    let path = this.#paths.get(key);
    if (path === undefined && !this.#paths.has(key)) {
      path = conversionPath(currency, accountCurrency, this.#list);
      this.#paths.set(key, path);
    }
    const mid = path === undefined ? Number.NaN : convertRate(path, this.#mids);
    return { gain: mid * (1 - this.#markup), loss: mid * (1 + this.#markup), mid };
  }
}
