import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FxError } from '../../base/errors.js';
import type { RunRecord } from '../../model/run-record.js';
import { diskError } from '../disk-error.js';

/** A run's file; larger than any that the program writes, so that a wrong file cannot fill the memory. */
const MOST_BYTES = 256 * 1024 * 1024;

const number = z.number();
const metric = z.number().nullable();
const isoDay = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be a date like 2024-01-31');
const isoTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, 'must be a time like 2024-01-31T22:00:00.000Z');
const sameLength = (lists: readonly (readonly unknown[])[]): boolean =>
  lists.every((list) => list.length === lists[0]?.length);
const ragged = { error: 'its columns must have the same length' };

const metrics = z.object({
  totalReturn: metric,
  annualReturn: metric,
  annualVolatility: metric,
  sharpe: metric,
  sortino: metric,
  calmar: metric,
  omega: metric,
  maxDrawdown: metric,
  maxDrawdownDays: metric,
  ulcer: metric,
  winRate: metric,
  profitFactor: metric,
  payoff: metric,
  expectancy: metric,
  sqn: metric,
  exposure: metric,
  turnover: metric,
  var95Day: metric,
  es95Day: metric,
  skew: metric,
  kurtosis: metric,
  probabilisticSharpe: metric,
  deflatedSharpe: metric,
  trialsCounted: number,
});

const trade = z.object({
  instrument: z.string(),
  side: z.enum(['long', 'short']),
  units: number,
  entryTime: isoTime,
  entryPrice: number,
  exitTime: isoTime,
  exitPrice: number,
  grossPnl: number,
  commission: number,
  financing: number,
  netPnl: number,
  entryReason: z.string(),
  exitReason: z.string(),
});

const openPosition = z.object({
  instrument: z.string(),
  units: number,
  averagePrice: number,
  price: number,
  entryTime: isoTime,
  unrealizedPnl: number,
  stopPrice: metric,
});

const benchmark = z
  .object({
    name: z.string(),
    date: z.array(isoDay),
    return: z.array(number),
    dropped: number,
    beta: metric,
    alphaAnnual: metric,
    r2: metric,
    trackingError: metric,
    informationRatio: metric,
    totalReturn: metric,
  })
  .refine((each) => sameLength([each.date, each.return]), ragged);

/** Loose at the top: a run may say more (a sweep, a validation) than what a report shows, and keeps it. */
const runRecord = z.looseObject({
  version: z.literal(1),
  mode: z.enum(['backtest', 'paper', 'live']),
  currency: z.string().regex(/^[A-Z0-9]{2,10}$/),
  simulated: z.boolean(),
  run: z.looseObject({
    id: z.string(),
    strategy: z.string(),
    params: z.record(z.string(), z.union([number, z.string(), z.boolean()])),
    seed: number,
    dataHash: z.string(),
    configHash: z.string(),
    codeVersion: z.string(),
    startedAt: isoTime,
    instruments: z.array(z.string()),
    timeframe: z.string(),
    capital: number,
    fill: z.enum(['next-open', 'close']),
    costs: z.string(),
  }),
  period: z.looseObject({ from: isoTime, to: isoTime, bars: number }),
  metrics,
  reasons: z.record(z.string(), z.string()),
  costs: z.object({ spread: number, commission: number, slippage: number, impact: number, financing: number }),
  counts: z.looseObject({ orders: number, fills: number, trades: number, refused: number }),
  open: z.array(openPosition),
  files: z.record(z.string(), z.string()),
  warnings: z.array(z.string()),
  curve: z
    .object({ time: z.array(isoTime), equity: z.array(number), drawdown: z.array(number) })
    .refine((each) => sameLength([each.time, each.equity, each.drawdown]), ragged),
  daily: z
    .object({ date: z.array(isoDay), return: z.array(number) })
    .refine((each) => sameLength([each.date, each.return]), ragged),
  attribution: z.array(
    z.object({ month: z.string().regex(/^\d{4}-\d\d$/), carry: number, spot: number, costs: number, equity: number }),
  ),
  exposure: z
    .object({ time: z.array(isoTime), currencies: z.record(z.string(), z.array(number)) })
    .refine((each) => sameLength([each.time, ...Object.values(each.currencies)]), ragged),
  trades: z.array(trade),
  refusals: z.record(z.string(), number),
  benchmark: benchmark.optional(),
});

/** The shape that `run.json` is checked against; a type test holds it to `RunRecord`. */
export type RunFile = z.infer<typeof runRecord>;

/** The record in `path`, checked. `STATE.VERSION` for a version that this program does not know, `STATE.DAMAGED` for the rest. */
export function readRunFile(path: string): RunRecord {
  const parsed = parsedJson(path);
  const version = isObject(parsed) ? parsed['version'] : undefined;
  if (isObject(parsed) && version !== undefined && version !== 1) {
    throw new FxError('STATE.VERSION', {
      message: `${path} has version ${JSON.stringify(version)}, this program knows version 1`,
      next: 'use the version of fxtrade that wrote it, or run the backtest again',
      facts: { path, version: typeof version === 'number' ? version : String(version), known: 1 },
    });
  }
  const result = runRecord.safeParse(parsed);
  if (!result.success) {
    if (isObject(parsed) && Array.isArray(parsed['sweep'])) throw isSweep(path, parsed['sweep'].length);
    const first = result.error.issues[0];
    throw damaged(path, `${first?.path.join('.') || 'the file'}: ${first?.message ?? 'not a run'}`);
  }
  return result.data as RunRecord;
}

/** The folders under `runs` that hold a `run.json`, the newest first (by the time it was written, then by name). */
export function listRuns(home: string): string[] {
  const folder = join(home, 'runs');
  const found: { readonly id: string; readonly written: number }[] = [];
  for (const id of namesIn(folder)) {
    const written = writtenAt(join(folder, id, 'run.json'));
    if (written !== undefined) found.push({ id, written });
  }
  return found.sort((a, b) => b.written - a.written || (a.id < b.id ? 1 : -1)).map((each) => each.id);
}

/** When the file was last written, ms; undefined when there is none. */
export function writtenAt(path: string): number | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats.mtimeMs : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw diskError(error, 'could not read', folder);
  }
}

function parsedJson(path: string): unknown {
  let text: string;
  try {
    const size = statSync(path).size;
    if (size > MOST_BYTES) throw damaged(path, `it has ${size} bytes, the limit is ${MOST_BYTES}`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw diskError(error, 'could not read', path);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(path, 'it is not JSON');
  }
}

function isSweep(path: string, runs: number): FxError {
  return new FxError('USAGE.SWEEP', {
    message: `${path} is a sweep of ${runs} runs, not one run`,
    next: 'its numbers are in sweep.csv beside it; run the combination you want alone to report it',
    facts: { path, runs },
  });
}

function damaged(path: string, why: string): FxError {
  return new FxError('STATE.DAMAGED', {
    message: `${path} is not a run that this program wrote: ${why}`,
    next: 'run the backtest again, or report another run: fxtrade report <run>',
    facts: { path, why },
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
