import { within } from '../base/num.js';
import type { OrderIntent } from '../model/order.js';
import type { LiveOrder, LiveOrders } from './live-orders.js';

/** What decides what an order can do; everything but the size must be the very same. */
const SAME = [
  'instrument',
  'side',
  'type',
  'price',
  'stopPrice',
  'trailDistance',
  'timeInForce',
  'expiresAt',
  'reduceOnly',
  'stopLoss',
  'takeProfit',
  'trailStop',
] as const satisfies readonly (keyof OrderIntent)[];

/**
 * What an order that is about to leave would do beyond what stands in the journal of it, or undefined: another thing, more
 * units, or as a child more than its parent. The journal is asked, not whoever sends: an order that was multiplied on the way
 * is what cost the most in the history of this trade (reliability.md 1.3, Knight).
 */
export function moreThanRecorded(
  intent: OrderIntent,
  recorded: LiveOrder,
  orders: Pick<LiveOrders, 'byId'>,
): string | undefined {
  const other = SAME.find((key) => intent[key] !== recorded.intent[key]);
  if (other !== undefined) {
    return `${other} is ${intent[other] ?? 'none'}, recorded was ${recorded.intent[other] ?? 'none'}`;
  }
  if (!within(intent.units, recorded.intent.units)) {
    return `${intent.units} units, recorded were ${recorded.intent.units}`;
  }
  const parent = recorded.parentId === undefined ? undefined : orders.byId(recorded.parentId);
  if (parent === undefined || within(intent.units, parent.intent.units)) return undefined;
  return `${intent.units} units, its parent ${parent.id} has ${parent.intent.units}`;
}
