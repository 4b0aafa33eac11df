import { seededRng } from '../../src/core/base/rng.js';
import type { Metrics, MonthAttribution, RunRecord, TradeRow } from '../../src/core/model/run-record.js';

const DAY = 86_400_000;
const CURRENCIES = ['AUD', 'CAD', 'CHF', 'EUR', 'GBP', 'JPY', 'NOK', 'NZD', 'SEK', 'USD'] as const;
const PAIRS = ['AUD/USD', 'USD/CAD', 'USD/CHF', 'EUR/USD', 'GBP/USD', 'USD/JPY', 'USD/NOK', 'NZD/USD', 'USD/SEK'];

/** Twenty years of days of something that looks like a carry trade: small gains, sudden losses. Made up, always the same. */
export function aRunRecord(changes: Partial<RunRecord> = {}): RunRecord {
  return { ...carryLike('2004-01-01', '2023-12-31', 7), ...changes };
}

/** The same, over dates of your own. */
export function carryLike(from: string, to: string, seed: number): RunRecord {
  const rng = seededRng(seed);
  const normal = (): number => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += rng.next();
    return sum;
  };
  const dates = weekdays(from, to);
  const returns: number[] = [];
  const market: number[] = [];
  for (const date of dates) {
    const stress = stressOf(date);
    const shared = normal();
    const jump = rng.next() < 0.004 * stress ? -0.012 * rng.next() * stress : 0;
    returns.push(
      round(0.00022 - 0.00035 * (stress - 1) + 0.0031 * stress * (0.45 * shared + 0.85 * normal()) + jump, 12),
    );
    market.push(round(0.00021 + 0.0062 * stress * shared, 12));
  }
  const capital = 100_000;
  const equity: number[] = [];
  let level = capital;
  for (const r of returns) {
    level = round(level * (1 + r), 2);
    equity.push(level);
  }
  const attribution = attributionOf(dates, equity, capital, rng.next);
  const trades = tradesOf(dates, rng.next, normal);
  const costs = attribution.reduce((sum, month) => sum + month.costs, 0);
  const carry = attribution.reduce((sum, month) => sum + month.carry, 0);
  const first = dates[0] ?? from;
  const last = dates.at(-1) ?? to;
  return {
    version: 1,
    mode: 'backtest',
    currency: 'USD',
    simulated: true,
    run: {
      id: '20240102-090000-carry-7',
      strategy: 'carry',
      params: { legs: 3, weighting: 'equal', rebalance: 'month-end', volTargetBps: 600, regimeFilter: false },
      seed,
      dataHash: '5f3d0c2e9a7b41d86c0e5a1b9d2f4e7788aa55cc33ee11ff0022446688aaccee',
      configHash: '0a1b2c3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcdef',
      codeVersion: '0.1.0',
      startedAt: '2024-01-02T09:00:00.000Z',
      instruments: PAIRS,
      timeframe: '1d',
      capital,
      fill: 'next-open',
      costs: 'default',
    },
    period: { from: closeOf(first), to: closeOf(last), bars: dates.length * PAIRS.length },
    metrics: metricsOf(dates, returns, trades),
    reasons: { 'metrics.sqn': 'NO_STOPS' },
    costs: {
      spread: round(costs * 0.52, 2),
      commission: round(costs * 0.21, 2),
      slippage: round(costs * 0.19, 2),
      impact: round(costs * 0.08, 2),
      financing: round(-carry, 2),
    },
    counts: { orders: 1_274, fills: 1_302, trades: 1_188, refused: 86 },
    open: [
      openPosition('AUD/USD', 49_000, 0.6712, 0.6795, 406.7, 0.6175),
      openPosition('USD/JPY', 33_000, 142.113, 140.987, -263.55, null),
    ],
    files: { 'run.json': 'runs/20240102-090000-carry-7/run.json' },
    warnings: ['JPY: no policy rate for 116 of 240 months; the last known rate was kept.'],
    curve: curveOf(dates, equity, capital),
    daily: { date: dates, return: returns },
    attribution,
    exposure: exposureOf(attribution, rng.next),
    trades,
    refusals: { maxCurrencyNetBps: 51, minCashReserveBps: 22, maxOpenPositions: 13 },
    benchmark: {
      name: 'World equities (made up)',
      date: dates,
      return: market,
      dropped: 0,
      beta: 0.3127,
      alphaAnnual: 0.0184,
      r2: 0.2204,
      trackingError: 0.1012,
      informationRatio: -0.1823,
      totalReturn: round(market.reduce((wealth, r) => wealth * (1 + r), 1) - 1, 9),
    },
  };
}

function stressOf(date: string): number {
  if (date >= '2008-09-01' && date < '2009-03-15') return 2.8;
  if (date >= '2011-08-01' && date < '2011-11-01') return 1.7;
  if (date >= '2015-01-10' && date < '2015-03-01') return 1.8;
  if (date >= '2020-02-20' && date < '2020-04-15') return 2.6;
  return 1;
}

function weekdays(from: string, to: string): string[] {
  const dates: string[] = [];
  for (let day = Date.parse(from); day <= Date.parse(to); day += DAY) {
    const weekday = (Math.floor(day / DAY) + 4) % 7;
    if (weekday !== 0 && weekday !== 6) dates.push(isoDay(day));
  }
  return dates;
}

function curveOf(dates: readonly string[], equity: readonly number[], capital: number): RunRecord['curve'] {
  const step = Math.ceil(dates.length / 1_990);
  const curve = { time: [] as string[], equity: [] as number[], drawdown: [] as number[] };
  let peak = capital;
  for (const [i, value] of equity.entries()) {
    peak = Math.max(peak, value);
    if (i % step !== 0 && i !== equity.length - 1) continue;
    curve.time.push(closeOf(dates[i] ?? ''));
    curve.equity.push(value);
    curve.drawdown.push(round(1 - value / peak, 12));
  }
  return curve;
}

function attributionOf(dates: readonly string[], equity: readonly number[], capital: number, next: () => number) {
  const months: MonthAttribution[] = [];
  let start = capital;
  for (const [i, date] of dates.entries()) {
    if (date.slice(0, 7) === dates[i + 1]?.slice(0, 7)) continue;
    const end = equity[i] ?? start;
    const yearly = date < '2009' ? 0.038 : date < '2022' ? 0.016 : 0.03;
    const carry = round((start * yearly * (0.8 + 0.4 * next())) / 12, 2);
    const costs = round(start * 0.0005 * (0.6 + 0.8 * next()), 2);
    months.push({ month: date.slice(0, 7), carry, costs, spot: round(end - start - carry + costs, 2), equity: start });
    start = end;
  }
  return months;
}

function exposureOf(months: readonly MonthAttribution[], next: () => number): RunRecord['exposure'] {
  const currencies: Record<string, number[]> = Object.fromEntries(CURRENCIES.map((name) => [name, []]));
  for (const _month of months) {
    let usd = 0;
    for (const name of CURRENCIES) {
      if (name === 'USD') continue;
      const bias = name === 'AUD' || name === 'NZD' ? 0.3 : name === 'JPY' || name === 'CHF' ? -0.3 : 0;
      const draw = next() * 0.66 - 0.33 + bias;
      const weight = draw > 0.15 ? 0.333 : draw < -0.15 ? -0.333 : 0;
      currencies[name]?.push(weight);
      usd -= weight;
    }
    currencies['USD']?.push(round(usd, 6));
  }
  return { time: months.map((month) => closeOf(`${month.month}-28`)), currencies };
}

function tradesOf(dates: readonly string[], next: () => number, normal: () => number): TradeRow[] {
  const trades: TradeRow[] = [];
  const count = Math.min(1_000, Math.floor(dates.length / 5));
  for (let i = 0; i < count; i++) {
    const exit = Math.floor(((i + 1) / count) * (dates.length - 1));
    const entry = Math.max(0, exit - 5 - Math.floor(next() * 60));
    const entryPrice = round(0.6 + next(), 5);
    const move = round(normal() * 0.012 + 0.0008, 5);
    const units = 1_000 * (20 + Math.floor(next() * 30));
    const side = next() < 0.5 ? 'long' : 'short';
    const grossPnl = round(units * move, 2);
    const commission = round(units * 0.00004, 2);
    const financing = round(-units * 0.0001 * (exit - entry) * (0.5 + next()), 2);
    trades.push({
      instrument: PAIRS[Math.floor(next() * PAIRS.length)] ?? 'EUR/USD',
      side,
      units,
      entryTime: closeOf(dates[entry] ?? ''),
      entryPrice,
      exitTime: closeOf(dates[exit] ?? ''),
      exitPrice: round(entryPrice + (side === 'long' ? move : -move), 5),
      grossPnl,
      commission,
      financing,
      netPnl: round(grossPnl - commission - financing, 2),
      entryReason: 'among the 3 highest rates',
      exitReason: next() < 0.1 ? 'stop' : 'no longer ranked',
    });
  }
  return trades;
}

function metricsOf(dates: readonly string[], returns: readonly number[], trades: readonly TradeRow[]): Metrics {
  const n = returns.length;
  const mean = returns.reduce((a, b) => a + b, 0) / n;
  const moment = (k: number): number => returns.reduce((sum, r) => sum + (r - mean) ** k, 0) / n;
  const sd = Math.sqrt((moment(2) * n) / (n - 1));
  const down = Math.sqrt(returns.reduce((sum, r) => sum + Math.min(r, 0) ** 2, 0) / n);
  const sorted = [...returns].sort((a, b) => a - b);
  const q = sorted[Math.floor(0.05 * (n - 1))] ?? 0;
  const tail = sorted.filter((r) => r <= q);
  const falls = fallsOf(dates, returns);
  const years = (Date.parse(dates.at(-1) ?? '') - Date.parse(dates[0] ?? '')) / DAY / 365.25;
  const annualReturn = falls.wealth ** (1 / years) - 1;
  const wins = trades.filter((trade) => trade.netPnl > 0);
  const losses = trades.filter((trade) => trade.netPnl < 0);
  const won = wins.reduce((sum, trade) => sum + trade.netPnl, 0);
  const lost = -losses.reduce((sum, trade) => sum + trade.netPnl, 0);
  const gain = returns.reduce((sum, r) => sum + Math.max(r, 0), 0);
  const pain = returns.reduce((sum, r) => sum - Math.min(r, 0), 0);
  const figures = {
    totalReturn: falls.wealth - 1,
    annualReturn,
    annualVolatility: sd * Math.sqrt(260),
    sharpe: (mean / sd) * Math.sqrt(260),
    sortino: (mean / down) * Math.sqrt(260),
    calmar: annualReturn / falls.worst,
    omega: gain / pain,
    maxDrawdown: falls.worst,
    maxDrawdownDays: falls.days,
    ulcer: falls.ulcer,
    winRate: wins.length / (wins.length + losses.length),
    profitFactor: won / lost,
    payoff: won / wins.length / (lost / losses.length),
    expectancy: (won - lost) / trades.length,
    sqn: null,
    exposure: 0.994,
    turnover: 14.2,
    var95Day: -q,
    es95Day: -tail.reduce((a, b) => a + b, 0) / tail.length,
    skew: moment(3) / moment(2) ** 1.5,
    kurtosis: moment(4) / moment(2) ** 2,
    probabilisticSharpe: 0.9861,
    deflatedSharpe: 0.9724,
    trialsCounted: 4,
  };
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, value === null ? null : round(value, 9)]),
  ) as unknown as Metrics;
}

function fallsOf(dates: readonly string[], returns: readonly number[]) {
  let wealth = 1;
  let peak = 1;
  let peakAt = dates[0] ?? '';
  let worst = 0;
  let days = 0;
  let squares = 0;
  for (const [i, r] of returns.entries()) {
    wealth *= 1 + r;
    const since = (Date.parse(dates[i] ?? '') - Date.parse(peakAt)) / DAY;
    if (wealth >= peak) {
      peak = wealth;
      peakAt = dates[i] ?? '';
    } else days = Math.max(days, since);
    worst = Math.max(worst, 1 - wealth / peak);
    squares += (1 - wealth / peak) ** 2;
  }
  return { wealth, worst, days, ulcer: Math.sqrt(squares / returns.length) };
}

function openPosition(
  instrument: string,
  units: number,
  averagePrice: number,
  price: number,
  unrealizedPnl: number,
  stopPrice: number | null,
) {
  return { instrument, units, averagePrice, price, entryTime: '2023-11-30T22:00:00.000Z', unrealizedPnl, stopPrice };
}

const isoDay = (time: number): string => new Date(time).toISOString().slice(0, 10);
const closeOf = (day: string): string => `${day}T22:00:00.000Z`;
const round = (value: number, digits: number): number => Number(value.toFixed(digits));
