import { FxError } from '../../core/base/errors.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { Layout } from './layout.js';

/**
 * Rough units of a currency or metal for one US dollar, good to a factor of ten: only for telling points from prices
 * and for knowing a currency when a file's name has one.
 */
const PER_USD: Readonly<Record<string, number>> = {
  USD: 1,
  EUR: 0.9,
  GBP: 0.7,
  CHF: 1,
  JPY: 110,
  AUD: 1.4,
  NZD: 1.5,
  CAD: 1.3,
  NOK: 8,
  SEK: 9,
  DKK: 6.5,
  PLN: 4,
  CZK: 23,
  HUF: 280,
  RON: 4,
  BGN: 1.8,
  ISK: 110,
  HRK: 6.5,
  TRY: 5,
  ILS: 3.7,
  ZAR: 11,
  MXN: 15,
  BRL: 3,
  CNY: 7,
  CNH: 7,
  HKD: 7.8,
  SGD: 1.4,
  INR: 60,
  KRW: 1200,
  THB: 34,
  TWD: 31,
  IDR: 12_000,
  MYR: 4,
  PHP: 50,
  RUB: 50,
  CLP: 650,
  COP: 3000,
  XAU: 1 / 1500,
  XAG: 1 / 20,
};

/** Federal Reserve H.10 names: `DEXUSEU` is US dollars for one euro, `DEXJPUS` yen for one dollar. */
const H10: Readonly<Record<string, string>> = {
  US: 'USD',
  EU: 'EUR',
  UK: 'GBP',
  JP: 'JPY',
  CA: 'CAD',
  SZ: 'CHF',
  AL: 'AUD',
  NZ: 'NZD',
  NO: 'NOK',
  SD: 'SEK',
  DN: 'DKK',
  CH: 'CNY',
  IN: 'INR',
  SI: 'SGD',
  HK: 'HKD',
  KO: 'KRW',
  MX: 'MXN',
  BZ: 'BRL',
  SF: 'ZAR',
  TH: 'THB',
  TA: 'TWD',
  MA: 'MYR',
};

/** Letters and digits in capitals: `EUR/USD`, `eur_usd` and `EURUSD` are one symbol. */
export function bareSymbol(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

/** A file as far as it matters for whose it is. */
export interface NamedFile {
  readonly path: string;
  readonly name: string;
  readonly layout: Layout;
}

function tokensOf(file: NamedFile): string[] {
  const stem = file.name.replace(/\.(csv|txt|json|gz|zip)$/gi, '').replace(/\.(csv|txt|json)$/gi, '');
  return stem
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((token) => token !== '');
}

/** Symbols that a file may be of, best first: of its symbol column, else read from its name. */
export function candidateSymbols(file: NamedFile): string[] {
  if (file.layout.symbols.length > 0) return [...file.layout.symbols];
  const tokens = tokensOf(file);
  const pairs = tokens.flatMap((token, i) => pairsIn(token, tokens[i + 1] ?? ''));
  return [...new Set([...pairs, ...tokens])];
}

/** Pairs that one word of a name may mean, alone or with the word after it. */
function pairsIn(token: string, next: string): string[] {
  const found: string[] = [];
  const isMoney = (code: string | undefined): boolean => code !== undefined && code in PER_USD;
  const fred = /^DEX([A-Z]{2})([A-Z]{2})/.exec(token);
  const [base, quote] = [H10[fred?.[2] ?? ''], H10[fred?.[1] ?? '']];
  if (base !== undefined && quote !== undefined) found.push(`${base}/${quote}`);
  if (isMoney(token) && isMoney(next.slice(0, 3))) found.push(`${token}/${next.slice(0, 3)}`);
  const pair = /([A-Z]{3})([A-Z]{3})(?![A-Z])/.exec(token);
  if (pair !== null && isMoney(pair[1]) && isMoney(pair[2])) found.push(`${pair[1]}/${pair[2]}`);
  const coin = /^([A-Z0-9]{2,10}?)(USDT|USDC|BUSD|USD|BTC|ETH|EUR)/.exec(token);
  if (coin !== null) found.push(`${coin[1]}/${coin[2]}`);
  return found;
}

function isOf(file: NamedFile, instrument: Instrument): boolean {
  const wanted = bareSymbol(instrument.id);
  if (file.layout.symbols.length > 0) return file.layout.symbols.some((symbol) => bareSymbol(symbol) === wanted);
  const tokens = tokensOf(file);
  if (tokens.includes(wanted)) return true;
  const pairs = candidateSymbols(file)
    .filter((symbol) => symbol.includes('/'))
    .map(bareSymbol);
  if (pairs.includes(wanted)) return true;
  // BTCUSDT holds the letters of BTC/USD and is another instrument.
  if (pairs.some((pair) => pair.startsWith(wanted))) return false;
  if (!instrument.id.includes('/')) return tokens.some((token, i) => token + (tokens[i + 1] ?? '') === wanted);
  return tokens.some((token) => token.includes(wanted));
}

/** True when a wide file has both currencies of the pair, the euro included. */
function isConvertible(file: NamedFile, instrument: Instrument): boolean {
  const { currencies } = file.layout;
  if (currencies === undefined) return false;
  return [instrument.base, instrument.quote].every((code) => code === 'EUR' || currencies.has(code));
}

/** Instruments named by the files themselves, in the order of the files, where the user named none. */
export function instrumentsOf<File extends NamedFile>(
  files: readonly File[],
  lookup: (symbol: string) => Instrument | undefined,
  flag: '--instruments' | '--instrument' = '--instruments',
): Instrument[] {
  const found = new Map<string, Instrument>();
  for (const file of files) {
    const known = candidateSymbols(file)
      .map(lookup)
      .filter((item) => item !== undefined);
    const mine = file.layout.symbols.length > 0 ? known : known.slice(0, 1);
    if (file.layout.currencies !== undefined || mine.length === 0) throw unnamed(file, flag);
    for (const instrument of mine) found.set(instrument.id, instrument);
  }
  return [...found.values()];
}

/**
 * The files of each instrument: by symbol column, else by the symbol in the name, else by order where exactly as many
 * files as instruments are left. Any doubt throws DATA.SYMBOL.
 */
export function assignFiles<File extends NamedFile>(
  files: readonly File[],
  instruments: readonly Instrument[],
): Map<Instrument, File[]> {
  const owned = new Map<Instrument, File[]>(instruments.map((instrument) => [instrument, []]));
  const left: File[] = [];
  for (const file of files.filter((one) => one.layout.currencies === undefined)) {
    const owners = ownersOf(file, instruments);
    if (owners.length === 0 && !namesAnother(file)) left.push(file);
    for (const owner of owners) owned.get(owner)?.push(file);
  }
  const open = instruments.filter((instrument) => owned.get(instrument)?.length === 0);
  assignByOrder(left, instruments.length === 1 ? instruments : open, owned, files);
  for (const instrument of instruments) {
    const mine = owned.get(instrument) ?? [];
    if (mine.length > 0) continue;
    const wide = files.find((file) => isConvertible(file, instrument));
    if (wide === undefined) throw noFile(instrument, files);
    mine.push(wide);
  }
  return owned;
}

/** A file that says it holds something else is never taken by order: it is left unread. */
function namesAnother(file: NamedFile): boolean {
  if (file.layout.symbols.length > 0) return true;
  return candidateSymbols(file).some((symbol) => {
    const [base, quote] = symbol.split('/');
    if (base === undefined || quote === undefined) return false;
    return (base in PER_USD && quote in PER_USD) || /^(USDT|USDC|BUSD)$/.test(quote);
  });
}

function ownersOf(file: NamedFile, instruments: readonly Instrument[]): Instrument[] {
  const owners = instruments.filter((instrument) => isOf(file, instrument));
  if (file.layout.symbols.length > 0 || owners.length < 2) return owners;
  const longest = Math.max(...owners.map((owner) => bareSymbol(owner.id).length));
  const best = owners.filter((owner) => bareSymbol(owner.id).length === longest);
  if (best.length === 1) return best;
  throw new FxError('DATA.SYMBOL', {
    message: `${file.path}: its name fits ${best.map((owner) => owner.id).join(' and ')}`,
    next: 'rename the file so that its name has one symbol',
    facts: { file: file.path, instruments: best.map((owner) => owner.id) },
  });
}

function assignByOrder<File extends NamedFile>(
  left: readonly File[],
  open: readonly Instrument[],
  owned: Map<Instrument, File[]>,
  files: readonly NamedFile[],
): void {
  const [only] = open;
  if (only !== undefined && open.length === 1) {
    for (const file of left) owned.get(only)?.push(file);
    return;
  }
  if (left.length !== open.length && left.length > 0) throw doubt(left, open, files);
  for (const [i, file] of left.entries()) {
    const instrument = open[i];
    if (instrument !== undefined) owned.get(instrument)?.push(file);
  }
}

function doubt(left: readonly NamedFile[], open: readonly Instrument[], files: readonly NamedFile[]): FxError {
  return new FxError('DATA.SYMBOL', {
    message: `${left.length} of ${files.length} files name no instrument (${left.map((file) => file.name).join(', ')}), and ${open.length} instruments have no file`,
    next: 'put the symbol into the name of each file (EURUSD, EUR_USD), or give as many files as --instruments, in the same order',
    facts: { files: left.map((file) => file.path), instruments: open.map((item) => item.id) },
  });
}

function unnamed(file: NamedFile, flag: string): FxError {
  return new FxError('DATA.SYMBOL', {
    message: `${file.path}: ${file.layout.currencies === undefined ? 'neither a column nor the name says which instrument it holds' : 'it holds many currencies'}`,
    next: `name ${flag === '--instruments' ? 'the instruments' : 'the instrument'} with ${flag}, EUR/USD for one`,
    facts: { file: file.path },
  });
}

function noFile(instrument: Instrument, files: readonly NamedFile[]): FxError {
  return new FxError('DATA.SYMBOL', {
    message: `no file has prices of ${instrument.id} (files: ${files.map((file) => file.name).join(', ')})`,
    next: `add a file with ${instrument.id} in its name, or leave ${instrument.id} out of --instruments`,
    facts: { instrument: instrument.id, files: files.map((file) => file.path) },
  });
}

/**
 * Throws DATA.POINTS when the first prices of a pair of well-known currencies are points: whole numbers thirty times
 * above what such a rate has ever been, or anything a thousand times above.
 */
export function refusePoints(file: NamedFile, instrument: Instrument): void {
  const base = PER_USD[instrument.base];
  const quote = PER_USD[instrument.quote];
  const { firstPrices, scale } = file.layout;
  const price = (firstPrices[0] ?? 0) / scale;
  if (base === undefined || quote === undefined || firstPrices.length === 0) return;
  const ratio = price / (quote / base);
  const whole = firstPrices.every((value) => Math.abs(value - Math.round(value)) < 1e-6);
  if (ratio < 1000 && !(whole && ratio >= 30)) return;
  const guess = 10 ** Math.round(Math.log10(ratio));
  throw new FxError('DATA.POINTS', {
    message: `${file.path}: its first price is ${firstPrices[0]}, about ${guess} times a rate of ${instrument.id}: these look like points`,
    next: `say how many points make one: --price-scale ${guess}`,
    facts: { file: file.path, instrument: instrument.id, price: firstPrices[0] ?? 0, suggestedScale: guess },
  });
}
