import { join } from 'node:path';
import { csvCell, csvNumber } from '../../core/base/csv.js';
import { jsonText } from '../../core/base/text.js';
import type { Metrics } from '../../core/model/run-record.js';
import { openOutFolder, PartialFolder, writeRunFile } from '../../core/state/runs/out-folder.js';
import { recordTrials, type Trial } from '../../core/state/runs/trials.js';
import type { ParamValue } from '../../core/strategies/strategy.js';
import { sha256 } from './inputs/prepare.js';
import type { RunRequest } from './inputs/request.js';
import type { BenchmarkFigures, SweepRow, Swept } from './sweep.js';

/** The `data` of `backtest --sweep --json`, and the `run.json` of its `--out`. */
export interface SweepAnswer {
  readonly version: 1;
  readonly strategy: string;
  readonly dataHash: string;
  /** Some prices were made up. */
  readonly simulated: boolean;
  readonly combinations: number;
  readonly sweep: readonly {
    readonly params: Readonly<Record<string, ParamValue>>;
    readonly metrics: Metrics;
    /** With `--benchmark` only. */
    readonly benchmark?: BenchmarkFigures;
  }[];
  /** Why a metric of a row is null: `sweep.0.metrics.sharpe`. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

/** Counts every combination as a trial, writes `sweep.csv` and `run.json` where `--out` says. */
export function keepSweep(request: RunRequest, done: Swept): SweepAnswer {
  const { rows, dataHash, simulated } = done;
  const trials: Trial[] = rows.map(({ params, sharpe }) => ({
    strategy: request.strategy,
    dataHash,
    key: sha256(JSON.stringify([params, request.seed, request.from, request.to, request.costs, request.fill])),
    sharpe,
  }));
  recordTrials(request.home, trials);
  const answer: SweepAnswer = {
    version: 1,
    strategy: request.strategy,
    dataHash,
    simulated,
    combinations: rows.length,
    sweep: rows.map(({ params, metrics, benchmark }) => ({
      params,
      metrics: { ...metrics, trialsCounted: rows.length },
      ...(benchmark === undefined ? {} : { benchmark }),
    })),
    reasons: Object.assign({}, ...rows.map((row, place) => prefixed(row.reasons, place))),
    files: {},
  };
  return request.out === undefined ? answer : writeSweep(request.out, answer, rows);
}

function prefixed(reasons: Readonly<Record<string, string>>, place: number): Record<string, string> {
  return Object.fromEntries(Object.entries(reasons).map(([key, reason]) => [`sweep.${place}.${key}`, reason]));
}

/** Both files as one step, `run.json` last: the folder can be used again by whoever finds it there. */
function writeSweep(out: string, answer: SweepAnswer, rows: readonly SweepRow[]): SweepAnswer {
  openOutFolder(out, 'check');
  const partial = new PartialFolder(out);
  const whole = { ...answer, files: { 'sweep.csv': join(out, 'sweep.csv'), 'run.json': join(out, 'run.json') } };
  writeRunFile(partial.path, 'sweep.csv', tableOf(rows));
  writeRunFile(partial.path, 'run.json', `${jsonText(whole)}\n`);
  partial.finish();
  return whole;
}

function tableOf(rows: readonly SweepRow[]): string {
  const params = Object.keys(rows[0]?.params ?? {});
  const metrics = Object.keys(rows[0]?.metrics ?? {}) as (keyof Metrics)[];
  const against = Object.keys(rows[0]?.benchmark ?? {}) as (keyof BenchmarkFigures)[];
  const head = [...params, ...metrics, ...against.map((name) => `benchmark.${name}`)].map(csvCell).join(',');
  const lines = rows.map((row) =>
    [
      ...params.map((name) => csvCell(String(row.params[name] ?? ''))),
      ...metrics.map((name) => csvNumber(row.metrics[name])),
      ...against.map((name) => csvNumber(row.benchmark?.[name] ?? null)),
    ].join(','),
  );
  return `${[head, ...lines].join('\n')}\n`;
}
