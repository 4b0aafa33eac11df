import { isAbsolute, resolve } from 'node:path';
import { FxError } from '../../../core/base/errors.js';
import type { EpochMs } from '../../../core/model/ids.js';
import { parseSymbol } from '../../../core/model/instruments.js';
import { type CommandContext, listFlag, numberFlag, textFlag } from '../../runtime/command.js';
import { located, type StoredKind } from '../../stored/names.js';

/** What a backtest or a paper session was asked for: plain data, so that a worker thread can be told. */
export interface RunRequest {
  readonly mode: 'backtest' | 'paper' | 'live';
  readonly home: string;
  readonly cwd: string;
  readonly strategy: string;
  readonly params: Readonly<Record<string, string>>;
  /** Files; empty means a feed, or the simulated market. */
  readonly data: readonly string[];
  /** A vendor whose prices a paper session trades on. */
  readonly feed?: string;
  readonly rates: string | undefined;
  /** A file of headlines. */
  readonly news?: string;
  /** As asked for; empty means what the data has. */
  readonly instruments: readonly string[];
  readonly from: EpochMs | undefined;
  readonly to: EpochMs | undefined;
  readonly timeframe: string | undefined;
  readonly format: string | undefined;
  readonly timeLabel: 'open' | 'close' | undefined;
  readonly timeZone: string | undefined;
  readonly priceScale: number | undefined;
  readonly capital: number | undefined;
  readonly currency: string | undefined;
  /** `default`, `none` or a file. */
  readonly costs: string;
  readonly fill: 'next-open' | 'close';
  readonly intrabar: 'pessimistic' | 'optimistic';
  readonly benchmark: string | undefined;
  readonly seed: number;
  readonly out: string | undefined;
  readonly equity: 'bar' | 'day';
}

const DEFAULT_STRATEGY = 'carry';

/** Vendors that tell prices as they are made: those of bars. The registry of feeds is not loaded for a list of names. */
export const PAPER_FEEDS: readonly string[] = ['alphavantage', 'polygon', 'tiingo', 'alpaca', 'oanda'];

export const TIMEFRAMES: Readonly<Record<string, number>> = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
};

/** Reads the flags that `backtest` and `paper` share; throws `USAGE.*` where they contradict each other. */
export function runRequest(ctx: CommandContext, mode: RunRequest['mode']): RunRequest {
  const feed = textFlag(ctx, 'feed');
  const files = listFlag(ctx, mode === 'backtest' ? 'data' : 'replay').map((path) => located(ctx, path, 'prices'));
  const vendor = vendorOf(feed, files, mode);
  const from = dateFlag(ctx, 'from');
  const to = dateFlag(ctx, 'to');
  if (from !== undefined && to !== undefined) refuseReversed(from, to);
  const capital = numberFlag(ctx, 'capital');
  if (capital !== undefined && !(capital > 0)) {
    throw usage(
      'USAGE.BAD_VALUE',
      `--capital is ${capital}, must be above 0`,
      'give an amount such as --capital 100000',
    );
  }
  const out = textFlag(ctx, 'out');
  return {
    mode,
    home: ctx.home,
    cwd: ctx.cwd,
    strategy: textFlag(ctx, 'strategy') ?? DEFAULT_STRATEGY,
    params: pairs(ctx, 'param'),
    data: files,
    ...(vendor === undefined ? {} : { feed: vendor }),
    rates: fileFlag(ctx, 'rates', 'rates'),
    ...newsOf(ctx),
    instruments: instrumentsFlag(ctx),
    from,
    to,
    timeframe: textFlag(ctx, 'timeframe'),
    format: textFlag(ctx, 'format'),
    timeLabel: textFlag(ctx, 'timeLabel') as 'open' | 'close' | undefined,
    timeZone: textFlag(ctx, 'timeZone'),
    priceScale: numberFlag(ctx, 'priceScale'),
    capital,
    currency: currencyFlag(ctx),
    costs: textFlag(ctx, 'costs') ?? 'default',
    fill: (textFlag(ctx, 'fill') ?? 'next-open') as 'next-open' | 'close',
    intrabar: (textFlag(ctx, 'intrabar') ?? 'pessimistic') as 'pessimistic' | 'optimistic',
    benchmark: fileFlag(ctx, 'benchmark', 'prices'),
    seed: numberFlag(ctx, 'seed') ?? 1,
    out: out === undefined ? undefined : absolute(ctx.cwd, out),
    equity: (textFlag(ctx, 'equity') ?? 'bar') as 'bar' | 'day',
  };
}

/** Throws `USAGE.DATES` unless the first day is before the one after the last. */
export function refuseReversed(from: EpochMs, to: EpochMs): void {
  if (from < to) return;
  const [first, last] = [from, to].map((ts) => new Date(ts).toISOString().slice(0, 10));
  throw usage('USAGE.DATES', `--from ${first} is not before --to ${last}`, 'give an earlier --from, or a later --to');
}

/** `--instruments`, each of them once: `EURUSD` and `EUR/USD` are one. */
export function instrumentsFlag(ctx: CommandContext): readonly string[] {
  const symbols = listFlag(ctx, 'instruments');
  const seen = new Set<string>();
  for (const symbol of symbols) {
    const { id } = parseSymbol(symbol);
    if (seen.has(id)) throw usage('USAGE.TWICE', `--instruments names ${id} twice`, 'name it once');
    seen.add(id);
  }
  return symbols;
}

/** `k=v` texts of a repeatable flag; a key given twice is refused. */
export function pairs(ctx: CommandContext, name: string): Record<string, string> {
  // A map: assigned to an object, the name `__proto__` would vanish without a word.
  const found = new Map<string, string>();
  for (const text of listFlag(ctx, name)) {
    const at = text.indexOf('=');
    const key = text.slice(0, at).trim();
    if (at < 1 || key === '')
      throw usage('USAGE.BAD_VALUE', `--${name} ${text} is not K=V`, `write --${name} name=value`);
    if (found.has(key)) {
      throw usage(
        'USAGE.TWICE',
        `--${name} sets ${key} twice: ${found.get(key)} and ${text.slice(at + 1)}`,
        'keep one of them',
      );
    }
    found.set(key, text.slice(at + 1));
  }
  return Object.fromEntries(found);
}

/** The vendor that prices come from; undefined for files and for the simulated market. */
function vendorOf(feed: string | undefined, files: readonly string[], mode: string): string | undefined {
  if (feed === undefined) return undefined;
  const flag = mode === 'backtest' ? 'data' : 'replay';
  if (files.length > 0)
    throw usage('USAGE.CONFLICT', `--${flag} and --feed ${feed} cannot both be given`, 'leave one of them out');
  if (feed === 'csv') throw usage('USAGE.MISSING_VALUE', '--feed csv needs files', `give them with --${flag} PATH`);
  if (feed === 'simulated') return undefined;
  if (mode === 'paper' && PAPER_FEEDS.includes(feed)) return feed;
  const names = mode === 'paper' ? ['simulated', 'csv', ...PAPER_FEEDS] : ['simulated', 'csv'];
  const pull = mode === 'paper' ? 'choose one of them' : `pull its history first: fxtrade data pull ${feed}`;
  throw usage('USAGE.BAD_VALUE', `--feed ${feed} is not one of ${names.join(', ')}`, pull);
}

export function dateFlag(ctx: CommandContext, name: string): EpochMs | undefined {
  const text = textFlag(ctx, name);
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
    throw usage(
      'USAGE.DATE',
      `--${name} is ${JSON.stringify(text)}, which is no date`,
      'write YYYY-MM-DD, for example 2023-01-31',
    );
  }
  return time;
}

function currencyFlag(ctx: CommandContext): string | undefined {
  const text = textFlag(ctx, 'currency');
  if (text === undefined || /^[A-Z]{3,5}$/.test(text)) return text;
  throw usage(
    'USAGE.BAD_VALUE',
    `--currency is ${JSON.stringify(text)}, must be a code such as USD`,
    'use capital letters: USD, EUR',
  );
}

function fileFlag(ctx: CommandContext, name: string, kind: StoredKind): string | undefined {
  const text = textFlag(ctx, name);
  return text === undefined ? undefined : located(ctx, text, kind);
}

function newsOf(ctx: CommandContext): Pick<RunRequest, 'news'> {
  const news = fileFlag(ctx, 'news', 'news');
  return news === undefined ? {} : { news };
}

function absolute(cwd: string, path: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}

function usage(code: `USAGE.${string}`, message: string, next: string): FxError {
  return new FxError(code, { message, next });
}
