import { modelledImpact } from '../../core/costs/impact.js';
import type { CostModel } from '../../core/costs/model.js';
import { slippageFraction } from '../../core/costs/slippage.js';
import { modelledSpread } from '../../core/costs/spread.js';
import { newYorkHour } from '../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { Side } from '../../core/model/order.js';
import { signOf } from '../../core/model/order.js';
import { awayFromTrader, type Match } from './matching.js';

/** What an execution at `match` really costs a trader. Costs in price (quote a unit), never negative. */
export interface Execution {
  readonly price: number;
  readonly halfSpread: number;
  readonly slippage: number;
  readonly impact: number;
}

export interface ExecutionInput {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly units: number;
  readonly match: Match;
  /** Worst price that the order allows; undefined for what takes any. */
  readonly limit: number | undefined;
  /** The matched price holds a modelled spread and may lie off the grid. */
  readonly modelled: boolean;
  /** Half the spread then, in price. */
  readonly halfSpread: number;
  /** Standard deviation of one bar's return, fraction. */
  readonly barSigma: number;
  /** Standard deviation of a day's return, fraction. */
  readonly daySigma: number;
}

/** Price and costs of one execution: takers slip and move the market, makers do neither. */
export function execute(costs: CostModel, input: ExecutionInput): Execution {
  const { instrument, side, match, units } = input;
  if (!match.taking) return { price: match.price, halfSpread: 0, slippage: 0, impact: 0 };
  const slip = slippageFraction(costs.slippage, input.barSigma) * match.price;
  const { assetClass } = instrument;
  const impact =
    modelledImpact(costs.impact, { assetClass, units, adv: undefined, sigmaDaily: input.daySigma }) * match.price;
  const wanted = match.price + signOf(side) * (slip + impact);
  const onGrid = slip + impact > 0 || input.modelled ? awayFromTrader(wanted, side, instrument.tick) : wanted;
  const price = withinLimit(onGrid, input.limit, side);
  // A limit stops the price where it stands: what it saves is saved of the slippage first, then of the impact.
  const worse = Math.max(0, signOf(side) * (price - match.price));
  const moved = Math.min(impact, worse);
  return { price, halfSpread: input.halfSpread, slippage: worse - moved, impact: moved };
}

/** No execution is worse than what the order allows, whatever the market's slippage. */
function withinLimit(price: number, limit: number | undefined, side: Side): number {
  if (limit === undefined) return price;
  return side === 'buy' ? Math.min(price, limit) : Math.max(price, limit);
}

/** Full spread in price by the cost model: the instrument's usual one, times the hour's multiple in New York. */
export function spreadModel(costs: CostModel): (instrument: Instrument, ts: EpochMs) => number {
  if (costs.spread.typicalMultiple === 0) return () => 0;
  return (instrument, ts) =>
    instrument.typicalSpread === 0 ? 0 : modelledSpread(instrument.typicalSpread, newYorkHour(ts), costs.spread);
}

/** Costs that do not take the data's own bid and ask trade at its mid, with the modelled spread or none around it. */
export function readSide(side: 'mid' | 'bid' | 'both' | undefined, costs: CostModel): 'mid' | 'bid' | 'both' {
  return side === undefined || (side === 'both' && !costs.spread.useData) ? 'mid' : side;
}
