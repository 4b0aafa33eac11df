import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import type { Instrument } from '../../core/model/instrument.js';
import { instrumentOf } from '../../core/model/instruments.js';
import type { BarColumns, PriceColumns, RateSeries } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';
import { type StagedFile, stageChunks } from '../../core/state/write-chunks.js';
import { SIMULATED_TIME } from '../../feeds/csv/layout.js';
import { simulatedMarket, simulatedPairs } from '../../feeds/simulated/market.js';
import type { LoadedSettings } from '../runtime/command.js';

export interface SimulateOptions {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly timeframeMs: number;
  readonly instruments: readonly string[];
  readonly out: string;
  readonly currency: string;
}

export interface SimulatedFile {
  readonly path: string;
  readonly instrument: string | null;
  readonly rows: number;
}

const OURS = /^(?:[A-Z0-9]+-simulated|rates)\.csv$/;

/** Writes the simulated market as files that a run reads back to the same bars and rates: a file a pair, and `rates.csv`. */
export async function simulateFiles(
  options: SimulateOptions,
  settings: LoadedSettings['settings'],
  signal: AbortSignal,
): Promise<readonly SimulatedFile[]> {
  const { seed, from, to, timeframeMs, out } = options;
  requireFolder(out);
  const symbols = options.instruments.length > 0 ? options.instruments : simulatedPairs;
  const instruments = symbols.map((symbol): Instrument => {
    if (!simulatedPairs.includes(symbol)) throw unknown(symbol);
    return instrumentOf(symbol, settings.instruments.get(symbol) ?? {}, options.currency);
  });
  const market = simulatedMarket({ seed, from, to, timeframeMs, instruments });
  const files: SimulatedFile[] = [];
  const staged: StagedFile[] = [];
  try {
    for (const source of market.sources) {
      const count = { rows: 0 };
      const { instrument } = source.info;
      const path = join(out, `${instrument.replace('/', '')}-simulated.csv`);
      staged.push(await stageChunks(path, priceRows(source, count, signal), { durable: false }));
      files.push({ path, instrument, rows: count.rows });
    }
    const path = join(out, 'rates.csv');
    const lines = market.rates.flatMap(rateRows);
    staged.push(await stageChunks(path, oneChunk(`${RATES_HEAD}${lines.join('')}`), { durable: false }));
    files.push({ path, instrument: null, rows: lines.length });
    for (const file of staged) file.commit();
    return files;
  } catch (error) {
    for (const file of staged.reverse()) file.drop();
    throw error;
  }
}

/** Only a new or empty folder, or one with files of an earlier simulation, which are replaced. */
function requireFolder(out: string): void {
  let names: string[];
  try {
    names = readdirSync(out);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new FxError('USAGE.OUT', {
      message: `--out ${out} is no folder that can be read`,
      next: 'name a folder that is new or empty',
      facts: { path: out },
    });
  }
  const foreign = names.find((name) => !OURS.test(name));
  if (foreign === undefined) return;
  throw new FxError('USAGE.OUT', {
    message: `--out ${out} holds other files (${foreign})`,
    next: 'name a folder that is new, empty, or holds an earlier simulation',
    facts: { path: out, file: foreign },
  });
}

function unknown(symbol: string): FxError {
  return new FxError('DATA.UNKNOWN_INSTRUMENT', {
    message: `the simulated market has no ${symbol}`,
    next: `choose from ${simulatedPairs.join(', ')}`,
    facts: { instrument: symbol },
  });
}

const PRICES_HEAD = `${SIMULATED_TIME},bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close\n`;
const RATES_HEAD = 'ref_area,time_period,obs_value,source\n';

/**
 * Rows as the generic reader takes them, which tells by the name of the time that they are made up: the time is the bar's
 * open, UTC; prices are shortest round-trip decimals.
 */
async function* priceRows(
  source: BarSource,
  count: { rows: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(PRICES_HEAD);
  for await (const chunk of source.chunks(signal)) {
    count.rows += chunk.length;
    yield Buffer.from(chunkText(chunk, source.info.timeframeMs));
  }
  if (!signal.aborted) return;
  throw new FxError('USAGE.INTERRUPTED', {
    message: 'the writing was interrupted',
    next: 'start it again; nothing was kept',
  });
}

function chunkText({ length, ts, bid, ask }: BarColumns, timeframeMs: number): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    const open = new Date((ts[i] ?? 0) - timeframeMs).toISOString().replace('.000Z', 'Z');
    text += `${open},${corners(bid, i)},${corners(ask, i)}\n`;
  }
  return text;
}

function corners(side: PriceColumns | undefined, i: number): string {
  return `${side?.open[i] ?? ''},${side?.high[i] ?? ''},${side?.low[i] ?? ''},${side?.close[i] ?? ''}`;
}

/** In the form of BIS policy rates, but with the instant of each decision; percent a year. */
function rateRows({ currency, knownAt, rate }: RateSeries): string[] {
  const area = currency === 'EUR' ? 'XM' : currency.slice(0, 2);
  return [...knownAt].map((ts, i) => {
    const percent = Number(((rate[i] ?? 0) * 100).toPrecision(12));
    return `${area},${new Date(ts).toISOString()},${percent},simulated\n`;
  });
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
}
