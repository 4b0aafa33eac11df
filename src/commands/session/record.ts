import { computeMetrics } from '../../core/analytics/metrics.js';
import { roundHalfEven } from '../../core/base/num.js';
import type { Engine } from '../../core/engine/engine.js';
import type { MonthNumbers, RunNumbers } from '../../core/engine/record/recorder.js';
import type { AssetClass, Instrument } from '../../core/model/instrument.js';
import { minorUnitOf } from '../../core/model/instruments.js';
import type { Trade } from '../../core/model/order.js';
import type { MonthAttribution, OpenPosition, RunRecord, TradeRow } from '../../core/model/run-record.js';
import type { Trial } from '../../core/state/runs/trials.js';
import { type Prepared, sha256 } from './inputs/prepare.js';

const DAY_MS = 86_400_000;

/** Periods a year by asset class; a mixed book takes the largest. */
const PERIODS: Readonly<Record<AssetClass, number>> = { fx: 260, stock: 252, crypto: 365, other: 252 };

export function periodsPerYear(instruments: readonly Instrument[]): number {
  return Math.max(...instruments.map((instrument) => PERIODS[instrument.assetClass]));
}

export interface RecordInput {
  readonly prepared: Prepared;
  readonly numbers: RunNumbers;
  readonly engine: Pick<Engine, 'ledger' | 'orders' | 'priceOf' | 'quoteToAccountOf'>;
  readonly dataHash: string;
  readonly startedAt: string;
  readonly version: string;
  /** Configurations tried on this data so far, this one included. */
  readonly trials: readonly Trial[];
  readonly files: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** The contract's answer of a run, from the engine's numbers. */
export function makeRecord(input: RecordInput): RunRecord {
  const { prepared, numbers } = input;
  const { request, market, currency } = prepared;
  const traded = market.instruments.slice(0, market.tradedCount);
  const money = (amount: number) => roundHalfEven(amount, minorUnitOf(currency));
  const { metrics, reasons } = metricsOf(prepared, numbers, input.trials);
  return {
    version: 1,
    mode: request.mode,
    currency,
    simulated: market.simulated,
    run: {
      id: runId(prepared, input.dataHash),
      strategy: prepared.definition.name,
      params: prepared.params,
      seed: request.seed,
      dataHash: input.dataHash,
      configHash: prepared.configHash,
      codeVersion:
        prepared.userFile === undefined ? input.version : `${input.version}+${prepared.codeHash.slice(0, 12)}`,
      startedAt: input.startedAt,
      instruments: traded.map((instrument) => instrument.id),
      timeframe: timeframeName(market.series[0]?.timeframeMs ?? 0),
      capital: prepared.capital,
      fill: request.fill,
      costs: prepared.costs.name,
    },
    period: { from: iso(numbers.from), to: iso(numbers.to), bars: numbers.bars },
    metrics: { ...metrics, expectancy: metrics.expectancy === null ? null : money(metrics.expectancy) },
    reasons,
    costs: {
      spread: money(numbers.costs.spread),
      commission: money(numbers.costs.commission),
      slippage: money(numbers.costs.slippage),
      impact: money(numbers.costs.impact),
      financing: money(numbers.costs.financing),
    },
    counts: numbers.counts,
    open: openPositions(input, money),
    files: input.files,
    warnings: [...input.warnings, ...unsizedWarning(numbers.unsized)],
    curve: {
      time: numbers.curve.map(([ts]) => iso(ts)),
      equity: numbers.curve.map(([, equity]) => money(equity)),
      drawdown: numbers.curve.map(([, , drawdown]) => drawdown),
    },
    daily: dailyOf(numbers),
    attribution: numbers.months.map((month) => attribution(month, money)),
    exposure: exposureOf(numbers),
    trades: numbers.newestTrades.map(tradeRow),
    refusals: numbers.refusals,
  };
}

function unsizedWarning(count: number): readonly string[] {
  if (count === 0) return [];
  return [
    `${count} signal(s) had no size, because there was no stop to size from: give signals a stop, set risk.defaultStopBps, or size otherwise (--set sizing.method=fixed-units --set sizing.units=1000)`,
  ];
}

/** Metrics of numbers; also what a sweep compares. */
export function metricsOf(prepared: Prepared, numbers: RunNumbers, trials: readonly Trial[]) {
  const traded = prepared.market.instruments.slice(0, prepared.market.tradedCount);
  const sharpes = trials.map((trial) => trial.sharpe).filter((sharpe) => sharpe !== null);
  return computeMetrics({
    startEquity: numbers.startEquity,
    endEquity: numbers.endEquity,
    from: numbers.from,
    to: numbers.to,
    dailyReturns: Float64Array.from(numbers.days, ([, dayReturn]) => dayReturn),
    periodsPerYear: periodsPerYear(traded),
    maxDrawdown: numbers.maxDrawdown,
    maxDrawdownDays: numbers.maxDrawdownMs / DAY_MS,
    tradeNetPnl: numbers.tradePnl,
    tradeRisk: numbers.tradeRisk,
    exposedBars: numbers.exposedBars,
    bars: numbers.bars,
    tradedNotional: numbers.tradedNotional,
    meanEquity: numbers.meanEquity,
    trials: { count: Math.max(1, trials.length), variance: variance(sharpes) },
  });
}

/** The same configuration on the same data has the same id, on every machine. */
export function runId(prepared: Prepared, dataHash: string): string {
  const { definition, params, request, configHash, codeHash } = prepared;
  const key = sha256(JSON.stringify([params, request.seed, dataHash, configHash, codeHash])).slice(0, 10);
  return `${definition.name.replace(/[^A-Za-z0-9-]/g, '-')}-${key}`;
}

function variance(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function openPositions(input: RecordInput, money: (amount: number) => number): OpenPosition[] {
  const { engine, prepared } = input;
  return engine.ledger.openIndexes.map((index) => {
    const holding = engine.ledger.holding(index);
    const price = engine.priceOf(index);
    const id = prepared.market.instruments[index]?.id;
    return {
      instrument: id ?? '',
      units: holding.units,
      averagePrice: holding.averagePrice,
      price,
      entryTime: iso(holding.entryTime),
      unrealizedPnl: money(engine.ledger.unrealizedPnl(index, price, engine.quoteToAccountOf(index))),
      stopPrice: id === undefined ? null : (engine.orders.stopOf(id) ?? null),
    };
  });
}

function attribution(month: MonthNumbers, money: (amount: number) => number): MonthAttribution {
  const change = month.equityEnd - month.equityStart;
  return {
    month: `${Math.floor(month.month / 12)}-${String((month.month % 12) + 1).padStart(2, '0')}`,
    carry: money(month.carry),
    spot: money(change - month.carry + month.costs),
    costs: money(month.costs),
    equity: money(month.equityStart),
  };
}

function exposureOf(numbers: RunNumbers): RunRecord['exposure'] {
  const names = [...new Set(numbers.exposure.flatMap((point) => Object.keys(point.currencies)))].sort();
  return {
    time: numbers.exposure.map((point) => iso(point.ts)),
    currencies: Object.fromEntries(
      names.map((name) => [name, numbers.exposure.map((point) => point.currencies[name] ?? 0)]),
    ),
  };
}

function tradeRow(trade: Trade): TradeRow {
  const { initialRisk: _, ...row } = trade;
  return { ...row, entryTime: iso(trade.entryTime), exitTime: iso(trade.exitTime) };
}

const NAMES: Readonly<Record<number, string>> = {
  0: 'tick',
  60000: '1m',
  300000: '5m',
  900000: '15m',
  3600000: '1h',
  14400000: '4h',
  86400000: '1d',
};

function timeframeName(ms: number): string {
  return NAMES[ms] ?? `${ms / 60_000}m`;
}

function iso(ts: number): string {
  return new Date(ts).toISOString();
}

function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Dates and returns of a run's days. */
export function dailyOf(numbers: Pick<RunNumbers, 'days'>): RunRecord['daily'] {
  return {
    date: numbers.days.map(([day]) => dateText(day)),
    return: numbers.days.map(([, dayReturn]) => dayReturn),
  };
}
