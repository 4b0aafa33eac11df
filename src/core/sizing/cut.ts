import { within } from '../base/num.js';
import { type LotGrid, onLotGrid, type SizeReason } from './fixed-fractional.js';

export interface CutInput extends LotGrid {
  /** Wanted, signed. */
  readonly units: number;
  /** Quote per base. */
  readonly price: number;
  /** Account currency per unit of quote. */
  readonly quoteToAccount: number;
  /** Account currency. */
  readonly equity: number;
  /** From entry to protective stop, in price; undefined without a stop. */
  readonly stopDistance: number | undefined;
  /** Largest loss at the stop, bps of equity; null is no limit. */
  readonly perTradeRiskBps: number | null;
  /** Largest notional, bps of equity; null is no limit. */
  readonly maxPositionBps: number | null;
}

export interface Cut {
  /** Signed, on the lot grid, never larger than asked for. */
  readonly units: number;
  /** The limit that set the size; undefined when none cut it. */
  readonly cutBy?: 'perTradeRiskBps' | 'maxPositionBps';
  /** Why `units` is zero. */
  readonly reason?: SizeReason;
}

/**
 * The size that the stop loses at most `perTradeRiskBps` with and whose notional is at most `maxPositionBps` of equity.
 * Where both limits cut, the tighter one is named; on a tie the risk of the trade. A risk limit says nothing about a trade
 * without a stop: `requireStop` sees to that.
 */
export function cutToLimits(input: CutInput): Cut {
  const { units, price, quoteToAccount, equity, stopDistance, perTradeRiskBps, maxPositionBps } = input;
  if (!(price > 0 && quoteToAccount > 0)) return { units: 0, reason: 'NO_PRICE' };
  const money = Math.max(0, equity);
  let size = Math.abs(units);
  let cutBy: Cut['cutBy'];
  if (perTradeRiskBps !== null && stopDistance !== undefined && stopDistance > 0) {
    const most = (money * perTradeRiskBps) / 10_000 / (stopDistance * quoteToAccount);
    if (!within(size, most)) {
      size = most;
      cutBy = 'perTradeRiskBps';
    }
  }
  if (maxPositionBps !== null) {
    const most = (money * maxPositionBps) / 10_000 / (price * quoteToAccount);
    if (!within(size, most)) {
      size = most;
      cutBy = 'maxPositionBps';
    }
  }
  const sized = onLotGrid(Math.sign(units) * size, input);
  return cutBy === undefined ? sized : { ...sized, cutBy };
}
