import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instrumentOf } from '../../src/core/model/instruments.js';
import type { BarColumns } from '../../src/core/model/market.js';
import { simulatedMarket } from '../../src/feeds/simulated/market.js';

export interface MarketFilesOptions {
  readonly folder: string;
  readonly pairs: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly timeframeMs: number;
  readonly seed?: number;
  /** Quotes of one moment, a handful a bar, in place of bars. */
  readonly ticks?: boolean;
}

export interface MarketFiles {
  /** One a pair, in their order. */
  readonly data: readonly string[];
  readonly rates: string;
  /** Rows of all files together. */
  readonly rows: number;
}

/** Area codes of the BIS file by currency. */
const AREAS: Readonly<Record<string, string>> = {
  USD: 'US',
  EUR: 'XM',
  JPY: 'JP',
  GBP: 'GB',
  CHF: 'CH',
  CAD: 'CA',
  AUD: 'AU',
  NZD: 'NZ',
  NOK: 'NO',
  SEK: 'SE',
};

/** The simulated market as files: what a user would download, so that a replay has something to read. */
export async function marketFiles(options: MarketFilesOptions): Promise<MarketFiles> {
  const { folder, pairs, from, to, timeframeMs, ticks = false } = options;
  mkdirSync(folder, { recursive: true });
  const instruments = pairs.map((pair) => instrumentOf(pair, {}, 'USD'));
  const market = simulatedMarket({ seed: options.seed ?? 7, from, to, timeframeMs, instruments });
  const data: string[] = [];
  let rows = 0;
  for (const [place, source] of market.sources.entries()) {
    const lines: string[] = [ticks ? TICK_HEADER : BAR_HEADER];
    for await (const chunk of source.chunks(new AbortController().signal)) {
      for (let row = 0; row < chunk.length; row++) {
        if (ticks) lines.push(...ticksOf(chunk, row, timeframeMs));
        else lines.push(barOf(chunk, row, timeframeMs));
      }
    }
    rows += lines.length - 1;
    const path = join(folder, `${(pairs[place] ?? '').replace('/', '')}.csv`);
    writeFileSync(path, `${lines.join('\n')}\n`);
    data.push(path);
  }
  const rates = join(folder, 'rates.csv');
  writeFileSync(rates, ratesText(market.rates, from, to));
  return { data, rates, rows };
}

const BAR_HEADER = 'time,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close';
const TICK_HEADER = 'time,bid,ask';

function barOf(bars: BarColumns, row: number, timeframeMs: number): string {
  const { bid, ask } = bars;
  if (bid === undefined || ask === undefined) throw new Error('the simulated market quotes both sides');
  const open = new Date((bars.ts[row] ?? 0) - timeframeMs).toISOString();
  const prices = [bid, ask].flatMap((side) => [side.open[row], side.high[row], side.low[row], side.close[row]]);
  return [open, ...prices].join(',');
}

/** Open, both extremes and close of a bar as four quotes; the last two of them at one moment, as feeds do. */
function ticksOf(bars: BarColumns, row: number, timeframeMs: number): string[] {
  const { bid, ask } = bars;
  if (bid === undefined || ask === undefined) throw new Error('the simulated market quotes both sides');
  const close = bars.ts[row] ?? 0;
  return (['open', 'high', 'low', 'close'] as const).map((corner, place) => {
    const ts = close - Math.round((timeframeMs * (3 - Math.min(place + 1, 3))) / 3) - 1;
    return [new Date(ts).toISOString(), bid[corner][row], ask[corner][row]].join(',');
  });
}

/** The last rate known in each month, as the BIS publishes it. */
function ratesText(series: ReturnType<typeof simulatedMarket>['rates'], from: number, to: number): string {
  const lines = ['iso2,month,policy_rate_pct'];
  for (const { currency, knownAt, rate } of series) {
    const byMonth = new Map<string, number>();
    let known = Number.NaN;
    for (let at = 0; at < knownAt.length; at++) {
      const ts = knownAt[at] ?? 0;
      if (ts >= to) break;
      known = rate[at] ?? Number.NaN;
      if (ts >= from - 400 * 86_400_000) byMonth.set(new Date(ts).toISOString().slice(0, 7), known);
    }
    const area = AREAS[currency];
    if (area === undefined) continue;
    for (const [month, value] of byMonth) lines.push(`${area},${month},${(value * 100).toFixed(4)}`);
  }
  return `${lines.join('\n')}\n`;
}
