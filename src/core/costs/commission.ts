import { unreachable } from '../base/assert.js';
import type { AssetClass } from '../model/instrument.js';
import type { CostModel, NotionalCommission, ShareCommission } from './model.js';

/**
 * Commission of an order by notional, account currency: notional × the rate of the tier that the month's volume so far
 * has reached, at least the minimum. An order of nothing costs nothing.
 */
export function notionalCommission(notional: number, monthVolume: number, model: NotionalCommission): number {
  if (notional === 0) return 0;
  let rate = 0;
  for (const tier of model.tiers) if (monthVolume >= tier[0]) rate = tier[1];
  return Math.max(model.minPerOrder, Math.abs(notional) * rate);
}

/**
 * Commission of an order by share, in the stock's currency: shares × rate, at least the minimum, at most the fraction of
 * the trade's value. The cap wins over the minimum: five shares of 1.00 cost 0.05, not 1.00.
 */
export function shareCommission(shares: number, price: number, model: ShareCommission): number {
  const size = Math.abs(shares);
  const charged = Math.max(model.minPerOrder, size * model.perShare);
  return Math.min(charged, size * price * model.maxFraction);
}

/**
 * Commission of one whole order, account currency, positive when paid. For a part of an order take the difference of two
 * calls, of what is filled after and before it: so the minimum is paid once.
 */
export function orderCommission(
  model: CostModel['commission'],
  order: {
    readonly assetClass: AssetClass;
    /** Units of the order filled so far; the sign plays no part. */
    readonly units: number;
    readonly price: number;
    readonly quoteToAccount: number;
    /** Notional traded in this calendar month before the order, account currency. */
    readonly monthVolume: number;
  },
): number {
  const { assetClass, units, price, quoteToAccount, monthVolume } = order;
  const notional = Math.abs(units) * price * quoteToAccount;
  switch (assetClass) {
    case 'stock':
      return shareCommission(units, price, model.stock) * quoteToAccount;
    case 'fx':
      return notionalCommission(notional, monthVolume, model.fx);
    case 'crypto':
      return notionalCommission(notional, monthVolume, model.crypto);
    case 'other':
      return notionalCommission(notional, monthVolume, model.other);
    default:
      return unreachable(assetClass);
  }
}
