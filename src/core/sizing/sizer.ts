import { unreachable } from '../base/assert.js';
import type { Instrument } from '../model/instrument.js';
import type { DecisionInputs } from '../model/order.js';
import { atrSize } from './atr.js';
import { fixedFractional, onLotGrid, type SizeReason } from './fixed-fractional.js';
import { kellyBinary, kellyContinuous, meanLowerBound, winProbLowerBound } from './kelly.js';
import type { SizingSettings } from './sizing.js';
import { periodsPerYear, volTargetLeverage } from './volatility-target.js';

/** What the strategy's closed trades of this run looked like. Break-even trades count in `n` only. */
export interface TradeStats {
  readonly n: number;
  readonly winProb: number;
  /** Mean win ÷ mean loss; undefined before the first win or the first loss. */
  readonly payoff: number | undefined;
  /** Mean and deviation of net profit ÷ notional at entry, fractions a trade; for signals without a stop. */
  readonly returnMean?: number;
  readonly returnSd?: number;
}

export interface SizerInput {
  readonly instrument: Instrument;
  /** What the strategy thinks, −1 … +1. */
  readonly exposure: number;
  /** Account currency. */
  readonly equity: number;
  /** Quote per base. */
  readonly price: number;
  /** Account currency per unit of quote. */
  readonly quoteToAccount: number;
  /** From entry to protective stop, in price; undefined without a stop. */
  readonly stopDistance: number | undefined;
  /** Average true range over `atrWindow` bars, in price; undefined while unknown. */
  readonly atr: number | undefined;
  /** Deviation of daily returns, a fraction; undefined while unknown. */
  readonly dailyVolatility: number | undefined;
  /** Instruments of the session: `target-weights` shares equity between them. */
  readonly instrumentCount: number;
  readonly tradeStats: TradeStats | undefined;
}

export interface Sized {
  /** Signed, on the lot grid, cut toward zero. */
  readonly units: number;
  /** Why `units` is zero. */
  readonly reason?: SizeReason;
  /** What the size rests on, for the journal; the caller's own, who may add to it. */
  readonly inputs: Record<string, number | string | boolean | null>;
}

interface Raw {
  readonly units: number;
  readonly reason?: SizeReason;
  readonly inputs: DecisionInputs;
}

/**
 * Units of base for a signal by the chosen method, in the direction of `exposure` and in proportion to its size. Money and
 * margin limits come after it: `cutToLimits`, then the gate.
 */
export function sizeSignal(settings: SizingSettings, input: SizerInput): Sized {
  const { instrument, exposure, equity, price, quoteToAccount } = input;
  const known = { method: settings.method, exposure, equity, price, quoteToAccount };
  if (exposure === 0) return { units: 0, reason: 'FLAT', inputs: known };
  if (!(equity > 0)) return { units: 0, reason: 'NO_EQUITY', inputs: known };
  if (!(price > 0 && quoteToAccount > 0)) return { units: 0, reason: 'NO_PRICE', inputs: known };
  const raw = fullSize(settings, input);
  const inputs: Sized['inputs'] = known;
  for (const key in raw.inputs) inputs[key] = raw.inputs[key] ?? null;
  if (raw.reason !== undefined) return { units: 0, reason: raw.reason, inputs };
  const { units, reason } = onLotGrid(exposure * raw.units, instrument);
  return reason === undefined ? { units, inputs } : { units, reason, inputs };
}

/** Units of base at exposure 1, before the lot grid. */
function fullSize(settings: SizingSettings, input: SizerInput): Raw {
  switch (settings.method) {
    case 'fixed-units':
      return { units: settings.units, inputs: { fixedUnits: settings.units } };
    case 'target-weights': {
      const { instrumentCount } = input;
      return { units: unitsOfEquity(input, 1 / instrumentCount), inputs: { instrumentCount } };
    }
    case 'fixed-fractional':
      return byRisk(input, settings.riskBps / 10_000, { riskBps: settings.riskBps });
    case 'atr':
      return byAtr(settings, input);
    case 'volatility-target':
      return byVolatility(settings, input);
    case 'kelly':
      return byKelly(settings, input);
    default:
      return unreachable(settings.method);
  }
}

/** Units whose notional is `multiple` times equity. */
function unitsOfEquity({ equity, price, quoteToAccount }: SizerInput, multiple: number): number {
  return (multiple * equity) / (price * quoteToAccount);
}

/** Size of a whole risk budget before the grid: a grid of zero width would cut it twice. */
function byRisk(input: SizerInput, riskFraction: number, facts: DecisionInputs): Raw {
  const { equity, quoteToAccount, stopDistance, instrument } = input;
  const inputs = { ...facts, stopDistance: stopDistance ?? null };
  const { rawUnits } = fixedFractional({
    equity,
    riskFraction,
    quoteToAccount,
    stopDistance: stopDistance ?? 0,
    lotStep: instrument.lotStep,
    minUnits: instrument.minUnits,
  });
  return rawUnits === undefined ? { units: 0, reason: 'NO_STOP', inputs } : { units: rawUnits, inputs };
}

function byAtr(settings: SizingSettings, input: SizerInput): Raw {
  const { riskBps, atrMultiple } = settings;
  const facts = { riskBps, atr: input.atr ?? null, atrMultiple };
  if (input.atr === undefined) return { units: 0, reason: 'NO_ATR', inputs: facts };
  const { equity, quoteToAccount, instrument } = input;
  const { rawUnits, stopDistance } = atrSize({
    equity,
    riskFraction: riskBps / 10_000,
    atr: input.atr,
    multiple: atrMultiple,
    quoteToAccount,
    lotStep: instrument.lotStep,
    minUnits: instrument.minUnits,
  });
  const inputs = { ...facts, stopDistance };
  return rawUnits === undefined ? { units: 0, reason: 'NO_ATR', inputs } : { units: rawUnits, inputs };
}

function byVolatility(settings: SizingSettings, input: SizerInput): Raw {
  const { dailyVolatility } = input;
  const facts = { volTargetBps: settings.volTargetBps, dailyVolatility: dailyVolatility ?? null };
  if (dailyVolatility === undefined) return { units: 0, reason: 'NO_VOLATILITY', inputs: facts };
  const yearly = dailyVolatility * Math.sqrt(periodsPerYear(input.instrument.assetClass));
  const { leverage } = volTargetLeverage(settings.volTargetBps / 10_000, yearly, settings.maxLeverage);
  if (leverage === undefined) return { units: 0, reason: 'ZERO_FORECAST_VOL', inputs: facts };
  return { units: unitsOfEquity(input, leverage), inputs: { ...facts, leverage } };
}

/**
 * A share of Kelly's bet on the lower 25 % bound of the edge, because a bet on an edge that was only luck ruins. With a
 * stop the bet is what the stop loses; without one it is a multiple of equity, at most `maxLeverage`.
 */
function byKelly(settings: SizingSettings, input: SizerInput): Raw {
  const { tradeStats: stats, stopDistance } = input;
  const { kellyFraction } = settings;
  const facts = { kellyFraction, trades: stats?.n ?? 0 };
  if (stats === undefined || stats.n < settings.kellyMinTrades) {
    return { units: 0, reason: 'TOO_FEW_TRADES', inputs: facts };
  }
  if (stopDistance === undefined) return byKellyReturns(settings, input, stats);
  const winProb = winProbLowerBound(stats.winProb, stats.n);
  const full = kellyBinary(winProb, stats.payoff ?? 0);
  if (stats.payoff === undefined || full === undefined) return { units: 0, reason: 'NO_PAYOFF', inputs: facts };
  const bet = kellyFraction * full;
  const inputs = { ...facts, winProbLow: winProb, payoff: stats.payoff, bet };
  return bet > 0 ? byRisk(input, bet, inputs) : { units: 0, reason: 'NO_EDGE', inputs };
}

function byKellyReturns(settings: SizingSettings, input: SizerInput, stats: TradeStats): Raw {
  const { kellyFraction, maxLeverage } = settings;
  const { n, returnMean, returnSd } = stats;
  const facts = { kellyFraction, trades: n };
  if (returnMean === undefined || returnSd === undefined) return { units: 0, reason: 'NO_STOP', inputs: facts };
  const low = meanLowerBound(returnMean, returnSd, n) ?? 0;
  const full = kellyContinuous(low, returnSd, 0) ?? 0;
  const leverage = Math.min(maxLeverage, kellyFraction * full);
  const inputs = { ...facts, returnMeanLow: low, returnSd, leverage };
  if (!(leverage > 0)) return { units: 0, reason: 'NO_EDGE', inputs };
  return { units: unitsOfEquity(input, leverage), inputs };
}

/** The `sizing.*` defaults: 1 % of equity to the stop. */
export function defaultSizing(): SizingSettings {
  return {
    method: 'fixed-fractional',
    units: 10_000,
    riskBps: 100,
    volTargetBps: 1_000,
    maxLeverage: 2,
    atrWindow: 14,
    atrMultiple: 2,
    kellyFraction: 0.25,
    kellyMinTrades: 30,
  };
}
