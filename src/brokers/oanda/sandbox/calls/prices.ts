import type { EpochMs } from '../../../../core/model/ids.js';
import type { Quote } from '../desk/market.js';
import type { AccountState } from '../desk/state.js';
import { decimal, type Json, parseTime, stamp } from '../desk/text.js';
import { valuation, worthOf } from '../desk/valuation.js';
import type { SandboxInstrument } from '../message.js';
import { type Answer, type Asked, failed, ok } from './reply.js';

/** `GET /pricing`. An instrument that has no price yet is left out. */
export function pricing({ account, query, batch }: Asked): Answer {
  const names = namesOf(account, query);
  if (names === undefined) return failed(400, "Invalid value specified for 'instruments'");
  const since = query.get('since') === null ? undefined : parseTime(query.get('since') ?? '');
  const prices = names
    .filter((name) => since === undefined || (account.desk.market.quote(name)?.at ?? 0) > since)
    .flatMap((name) => priceView(account, name, true) ?? []);
  const homes = query.get('includeHomeConversions') === 'true' ? homeConversions(account, names) : undefined;
  return ok({ prices, homeConversions: homes, time: stamp(batch.at + account.desk.skewMs) });
}

/** The instruments that a request names; undefined when one is unknown or none is named. */
export function namesOf(account: AccountState, query: URLSearchParams): readonly string[] | undefined {
  const names =
    query
      .get('instruments')
      ?.split(',')
      .filter((name) => name !== '') ?? [];
  return names.length > 0 && names.every((name) => account.desk.market.instruments.has(name)) ? names : undefined;
}

function homeConversions(account: AccountState, names: readonly string[]): readonly Json[] {
  const { market } = account.desk;
  const currencies = new Set(
    names.flatMap((name) => {
      const instrument = market.instruments.get(name);
      return instrument === undefined ? [] : [instrument.base, instrument.quote];
    }),
  );
  return [...currencies].flatMap((currency) => {
    const { gain, loss, mid } = market.home(currency, account.spec.currency);
    if (!Number.isFinite(mid)) return [];
    return { currency, accountGain: factor(gain), accountLoss: factor(loss), positionValue: factor(mid) };
  });
}

const factor = (value: number): string => decimal(value, 8);

/** One price as lists and (without the account's own part) streams show it; undefined before the first. */
export function priceView(account: AccountState, name: string, withUnits: boolean): Json | undefined {
  const { market, skewMs } = account.desk;
  const quote = market.quote(name);
  const instrument = market.instruments.get(name);
  if (quote === undefined || instrument === undefined) return undefined;
  const digits = instrument.displayPrecision;
  const half = (quote.ask - quote.bid) / 2;
  const home = market.home(instrument.quote, account.spec.currency);
  return {
    type: 'PRICE',
    time: stamp(quote.at + skewMs),
    bids: [{ price: decimal(quote.bid, digits), liquidity: quote.liquidity }],
    asks: [{ price: decimal(quote.ask, digits), liquidity: quote.liquidity }],
    closeoutBid: decimal(quote.bid - half, digits),
    closeoutAsk: decimal(quote.ask + half, digits),
    status: quote.tradeable ? 'tradeable' : 'non-tradeable',
    tradeable: quote.tradeable,
    unitsAvailable: withUnits ? unitsAvailable(account, instrument, quote) : undefined,
    quoteHomeConversionFactors:
      withUnits && Number.isFinite(home.mid)
        ? { positiveUnits: factor(home.gain), negativeUnits: factor(home.loss) }
        : undefined,
    instrument: name,
  };
}

function unitsAvailable(account: AccountState, instrument: SandboxInstrument, quote: Quote): Json {
  const rate = Math.max(instrument.marginRate, account.marginRate);
  const one = worthOf(account, instrument.name, 1) * rate;
  const free = valuation(account).marginFree;
  const more = one > 0 && quote.tradeable ? Math.floor(free / one) : 0;
  const net = account.netUnits(instrument.name);
  const text = (units: number): string => decimal(Math.max(0, units), instrument.tradeUnitsPrecision);
  const sides = (long: number, short: number): Json => ({ long: text(long), short: text(short) });
  const both = sides(more + Math.max(0, -net) * 2, more + Math.max(0, net) * 2);
  return {
    default: both,
    openOnly: sides(net < 0 ? 0 : more, net > 0 ? 0 : more),
    reduceFirst: both,
    reduceOnly: sides(-net, net),
  };
}

/** A stream of prices: at most one line in 250 ms an instrument, the newest price of that time. */
export class PriceLines {
  readonly names: readonly string[];
  readonly #account: AccountState;
  readonly #sentAt = new Map<string, EpochMs>();
  readonly #late = new Set<string>();

  constructor(account: AccountState, names: readonly string[]) {
    this.#account = account;
    this.names = names;
  }

  /** The line of an instrument, when one may be sent. */
  line(name: string, at: EpochMs): Json | undefined {
    if (!this.names.includes(name)) return undefined;
    const sentAt = this.#sentAt.get(name);
    if (sentAt !== undefined && at - sentAt < WINDOW_MS) {
      this.#late.add(name);
      return undefined;
    }
    this.#late.delete(name);
    const view = priceView(this.#account, name, false);
    if (view !== undefined) this.#sentAt.set(name, at);
    return view;
  }

  /** When a line that had to wait may be sent. */
  get nextAt(): EpochMs {
    let next = Number.POSITIVE_INFINITY;
    for (const name of this.#late) next = Math.min(next, (this.#sentAt.get(name) ?? 0) + WINDOW_MS);
    return next;
  }

  /** Lines that had to wait for their window. */
  late(at: EpochMs): readonly Json[] {
    const lines: Json[] = [];
    for (const name of [...this.#late]) {
      const line = this.line(name, at);
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }
}

const WINDOW_MS = 250;
