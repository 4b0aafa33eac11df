import { FxError } from '../base/errors.js';
import { type InstrumentId, instrumentId } from './ids.js';
import type { AssetClass, Hours, Instrument } from './instrument.js';

/** What settings or a broker say of an instrument; what they leave out comes from the built-in table. */
export type InstrumentOverrides = { readonly [K in Exclude<keyof Instrument, 'id'>]?: Instrument[K] | undefined };

/** A symbol as the field writes it, with its two currencies where it is a pair. */
export interface ParsedSymbol {
  readonly id: InstrumentId;
  readonly base?: string;
  readonly quote?: string;
}

/** In the order in which markets quote pairs: the earlier of two is the base. */
const MAJORS = ['EUR', 'GBP', 'AUD', 'NZD', 'USD', 'CAD', 'CHF', 'JPY'] as const;
const OTHER_CURRENCIES =
  'NOK SEK DKK ZAR MXN TRY PLN HUF CZK SGD HKD CNH CNY INR THB KRW TWD MYR IDR PHP BRL CLP COP ILS RON BGN ISK SAR AED RUB';
const CURRENCIES: ReadonlySet<string> = new Set([...MAJORS, ...OTHER_CURRENCIES.split(' ')]);
const METALS: ReadonlySet<string> = new Set(['XAU', 'XAG']);
/** Currencies of which a unit is small: their pip is 0.01, as the quote currency. */
const SMALL_UNITS: ReadonlySet<string> = new Set(['JPY', 'HUF', 'KRW', 'THB', 'INR', 'IDR', 'CLP', 'COP', 'ISK']);

/** The 28 pairs of the eight majors, as markets quote them. */
export const majorPairs: readonly string[] = MAJORS.flatMap((base, i) =>
  MAJORS.slice(i + 1).map((quote) => `${base}/${quote}`),
);

/** Usual full spread in pips in liquid hours; retail-sized, so neither interbank nor the worst. */
const SPREAD_PIPS: ReadonlyMap<string, number> = table(`
  EUR/USD 0.8 USD/JPY 0.9 GBP/USD 1.1 AUD/USD 1.0 USD/CAD 1.3 USD/CHF 1.3 NZD/USD 1.4 EUR/GBP 1.0 EUR/JPY 1.4 EUR/CHF 1.5
  EUR/AUD 1.9 EUR/CAD 1.9 EUR/NZD 2.6 GBP/JPY 2.1 GBP/CHF 2.2 GBP/CAD 2.5 GBP/AUD 2.6 GBP/NZD 3.6 AUD/JPY 1.4 AUD/NZD 1.9
  AUD/CAD 1.6 AUD/CHF 1.6 NZD/JPY 1.8 NZD/CAD 2.1 NZD/CHF 2.0 CAD/JPY 1.6 CAD/CHF 1.8 CHF/JPY 1.8
  USD/NOK 25 USD/SEK 25 USD/DKK 8 USD/ZAR 80 USD/MXN 50 USD/TRY 200 USD/PLN 12 USD/HUF 14 USD/CZK 80 USD/SGD 2 USD/HKD 3
  USD/CNH 4 USD/INR 3 EUR/NOK 25 EUR/SEK 25 EUR/DKK 6 EUR/ZAR 100 EUR/MXN 80 EUR/TRY 250 EUR/PLN 14 EUR/HUF 16 EUR/CZK 80
  EUR/SGD 3 EUR/HKD 8 EUR/CNH 8 EUR/INR 5 XAU/USD 3 XAG/USD 2.5`);
const UNKNOWN_SPREAD_PIPS = 50;

/** Instruments of one group move together; a pair with the yen trades with the yen, whatever its other leg. */
const GROUPS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    europe: 'EUR CHF DKK',
    nordic: 'NOK SEK',
    antipodes: 'AUD NZD',
    'central-europe': 'PLN HUF CZK',
  }).flatMap(([group, codes]) => codes.split(' ').map((code) => [code, group] as const)),
);

const SECTORS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    technology: 'AAPL MSFT IBM',
    financials: 'JPM BAC',
    industrials: 'GE',
    staples: 'KO',
    energy: 'XOM',
    index: 'SPY QQQ',
    bonds: 'TLT',
    gold: 'GLD',
    currency: 'FXA FXE FXY',
  }).flatMap(([sector, tickers]) => tickers.split(' ').map((ticker) => [ticker, sector] as const)),
);

/** Usual full spread of a coin against the dollar and its tokens, in quote currency. */
const COIN_SPREAD: ReadonlyMap<string, number> = table(
  'BTC 1 ETH 0.1 BNB 0.1 SOL 0.02 XRP 0.0002 ADA 0.0002 DOGE 0.00002 LTC 0.02',
);
const COIN_QUOTES: ReadonlySet<string> = new Set(['USDT', 'USDC', 'BUSD', 'USD', 'EUR', 'BTC', 'ETH']);

/** Reads `EUR/USD 0.8 USD/JPY 0.9`. */
function table(text: string): ReadonlyMap<string, number> {
  const pairs = new Map<string, number>();
  const words = text.trim().split(/\s+/);
  words.forEach((word, i) => {
    if (i % 2 === 0) pairs.set(word, Number(words[i + 1]));
  });
  return pairs;
}

const isMoney = (code: string): boolean => CURRENCIES.has(code) || METALS.has(code);

function isPair(base: string, quote: string): boolean {
  return base !== quote && ((isMoney(base) && CURRENCIES.has(quote)) || isCoinPair(base, quote));
}

function isCoinPair(base: string, quote: string): boolean {
  return base !== quote && COIN_SPREAD.has(base) && COIN_QUOTES.has(quote);
}

/**
 * Reads a symbol: `EURUSD`, `EUR_USD`, `eur/usd` and `EUR-USD` are all `EUR/USD`, `btcusdt` is `BTC/USDT`. A known
 * ticker is put in capitals; anything else stays as it was written, because a config may name it so.
 */
export function parseSymbol(text: string): ParsedSymbol {
  const trimmed = text.trim();
  const bare = trimmed.toUpperCase();
  const [base, quote, more] = bare.split(/[/_-]/);
  if (base && quote && more === undefined) return pairOf(base, quote, trimmed);
  for (let at = 3; at <= bare.length - 3; at++) {
    if (isPair(bare.slice(0, at), bare.slice(at))) return pairOf(bare.slice(0, at), bare.slice(at), trimmed);
  }
  return { id: instrumentId(SECTORS.has(bare) ? bare : trimmed) };
}

function pairOf(base: string, quote: string, text: string): ParsedSymbol {
  if (isPair(base, quote)) return { id: instrumentId(`${base}/${quote}`), base, quote };
  return text.includes('/') ? { id: instrumentId(text), base, quote } : { id: instrumentId(text) };
}

/**
 * The instrument of a symbol: the built-in table, with `overrides` on top of it.
 *
 * One known only from its overrides is of class `other` unless they say otherwise: priced in the account's currency, lot
 * step 1, margin 100 %, no spread, open whenever the data has a bar, tick 0.0001. A symbol that neither knows throws
 * `DATA.UNKNOWN_INSTRUMENT`: its grid would be a guess. A value that cannot be throws `CONFIG.INSTRUMENT`.
 */
export function instrumentOf(symbol: string, overrides: InstrumentOverrides, accountCurrency: string): Instrument {
  const parsed = parseSymbol(symbol);
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  const built = builtIn(parsed);
  if (built === undefined && Object.keys(given).length === 0) throw unknown(symbol);
  const base = built ?? defaultsOf(overrides.assetClass ?? 'other', parsed, accountCurrency);
  const merged: Instrument = { ...base, ...given };
  const instrument = {
    ...merged,
    pip: overrides.pip ?? (overrides.tick === undefined ? merged.pip : pipOf(merged.assetClass, merged.tick)),
    minUnits: overrides.minUnits ?? (overrides.lotStep === undefined ? merged.minUnits : merged.lotStep),
  };
  check(instrument);
  return instrument;
}

const pipOf = (assetClass: AssetClass, tick: number): number => (assetClass === 'fx' ? cleaned(tick * 10) : tick);

/** 12 significant digits, so that 10 × 0.00001 is 0.0001. */
const cleaned = (value: number): number => Number(value.toPrecision(12));

function builtIn(parsed: ParsedSymbol): Instrument | undefined {
  const { id, base, quote } = parsed;
  if (base !== undefined && quote !== undefined) {
    const coinSpread = COIN_SPREAD.get(base);
    if (coinSpread !== undefined && isCoinPair(base, quote)) return coinPair(parsed, base, quote, coinSpread);
    return isPair(base, quote) ? fxPair(id, base, quote) : undefined;
  }
  const sector = SECTORS.get(id);
  return sector === undefined ? undefined : { ...defaultsOf('stock', parsed, 'USD'), typicalSpread: 0.02, sector };
}

function fxPair(id: InstrumentId, base: string, quote: string): Instrument {
  const metal = METALS.has(base);
  const tick = metal ? (base === 'XAU' ? 0.01 : 0.001) : fxTick(base, quote);
  const pip = cleaned(tick * 10);
  const known = SPREAD_PIPS.get(id);
  const major = (MAJORS as readonly string[]).includes(base) && (MAJORS as readonly string[]).includes(quote);
  const group = groupOf(base, quote);
  return {
    ...SHAPES.fx,
    id,
    base,
    quote,
    tick,
    pip,
    marginRate: known === undefined ? 0.1 : major ? 0.0333 : 0.05,
    typicalSpread: cleaned((known ?? UNKNOWN_SPREAD_PIPS) * pip),
    ...(group === undefined ? {} : { group }),
  };
}

/** Five digits; three where the quote's unit is small; seven where only the base's is (JPY/USD). */
function fxTick(base: string, quote: string): number {
  if (SMALL_UNITS.has(quote)) return 0.001;
  return SMALL_UNITS.has(base) ? 0.0000001 : 0.00001;
}

function groupOf(base: string, quote: string): string | undefined {
  if (METALS.has(base)) return 'metals';
  if (base === 'JPY' || quote === 'JPY') return 'yen';
  if (base === 'USD') return GROUPS.get(quote);
  return quote === 'USD' || GROUPS.get(base) === GROUPS.get(quote) ? GROUPS.get(base) : undefined;
}

function coinPair({ id }: ParsedSymbol, base: string, quote: string, inDollars: number): Instrument {
  const inCoin = quote === 'BTC' || quote === 'ETH';
  const spread = inCoin ? 0.00001 : inDollars;
  const tick = inCoin ? 0.000001 : spread >= 0.02 ? 0.01 : 0.00001;
  return { ...SHAPES.crypto, id, base, quote, tick, pip: tick, typicalSpread: spread, group: 'crypto' };
}

type Shape = Omit<Instrument, 'id' | 'base' | 'quote' | 'sector' | 'group' | 'maxOrderNotional'>;

/** What all instruments of a class share. */
const SHAPES: Readonly<Record<AssetClass, Shape>> = {
  fx: shape('fx', 'fx', { tick: 0.00001, lotStep: 1, marginRate: 0.1 }),
  stock: shape('stock', 'us-stock', { tick: 0.01, lotStep: 1, marginRate: 0.5 }),
  crypto: shape('crypto', 'always', { tick: 0.01, lotStep: 0.00001, marginRate: 1 }),
  other: shape('other', 'data', { tick: 0.0001, lotStep: 1, marginRate: 1 }),
};

function shape(
  assetClass: AssetClass,
  hours: Hours,
  grid: { readonly tick: number; readonly lotStep: number; readonly marginRate: number },
): Shape {
  return { assetClass, hours, ...grid, pip: pipOf(assetClass, grid.tick), minUnits: grid.lotStep, typicalSpread: 0 };
}

function defaultsOf(assetClass: AssetClass, parsed: ParsedSymbol, accountCurrency: string): Instrument {
  const { id, base = id, quote = assetClass === 'stock' ? 'USD' : accountCurrency } = parsed;
  return { ...SHAPES[assetClass], id, base, quote };
}

/** True for a currency of today (ISO 4217) and for the coins and tokens that accounts are kept in. */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code) || COIN_QUOTES.has(code) || Intl.supportedValuesOf('currency').includes(code);
}

/** Digits of a currency's smallest booked unit: JPY 0, USD 2, KWD 3, BTC 8. */
export function minorUnitOf(currency: string): number {
  return MINOR_UNITS.get(currency) ?? 2;
}

/** ISO 4217 where it is not 2; coins as exchanges book them, dollar tokens as dollars. */
const MINOR_UNITS: ReadonlyMap<string, number> = table(
  'JPY 0 KRW 0 ISK 0 CLP 0 VND 0 PYG 0 BHD 3 KWD 3 OMR 3 JOD 3 TND 3 BTC 8 ETH 8 BNB 8 SOL 8 XRP 6 LTC 8',
);

const POSITIVE = ['tick', 'pip', 'lotStep', 'minUnits', 'marginRate'] as const;

function check(instrument: Instrument): void {
  for (const key of POSITIVE) {
    if (!(Number.isFinite(instrument[key]) && instrument[key] > 0)) throw invalid(instrument, key, 'more than 0');
  }
  if (!(Number.isFinite(instrument.typicalSpread) && instrument.typicalSpread >= 0)) {
    throw invalid(instrument, 'typicalSpread', '0 or more');
  }
  if (instrument.base === instrument.quote) throw invalid(instrument, 'quote', 'a currency other than the base');
}

type CheckedKey = (typeof POSITIVE)[number] | 'typicalSpread' | 'quote';

function invalid(instrument: Instrument, key: CheckedKey, rule: string): FxError {
  const value = instrument[key];
  return new FxError('CONFIG.INSTRUMENT', {
    message: `instruments."${instrument.id}".${key} is ${value}, must be ${rule}`,
    next: `set it: --set instruments."${instrument.id}".${key}=…`,
    facts: { instrument: instrument.id, key, value },
  });
}

function unknown(symbol: string): FxError {
  return new FxError('DATA.UNKNOWN_INSTRUMENT', {
    message: `nothing is known of ${symbol}: neither the built-in table nor the settings have it`,
    next: `tell its grid: --set instruments."${symbol}".tick=0.01 (and assetClass, quote, lotStep as needed)`,
    facts: { instrument: symbol },
  });
}
