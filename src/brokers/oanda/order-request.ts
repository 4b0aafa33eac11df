import { assert } from '../../core/base/assert.js';
import { decimalsOf } from '../../core/base/num.js';
import { childClientId } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import { type ApprovedOrder, type OrderIntent, signOf } from '../../core/model/order.js';
import { wireName } from './names.js';
import type { WireTrade } from './schema.js';

/** The body of an order, or why the venue has nothing like it. */
export type OrderRequest =
  | { readonly kind: 'order'; readonly order: Readonly<Record<string, unknown>> }
  | { readonly kind: 'impossible'; readonly reason: string };

const TAG = 'fxtrade';

/** A price as the venue wants it: with the instrument's decimals, no more and no less. */
export function priceText(price: number, instrument: Instrument): string {
  assert(Number.isFinite(price) && price > 0, 'a price on its way to a venue is a positive number');
  return price.toFixed(decimalsOf(instrument.tick));
}

/** Units with their sign: a sell is negative. */
export function unitsText(intent: OrderIntent, instrument: Instrument): string {
  assert(Number.isFinite(intent.units) && intent.units > 0, 'units on their way to a venue are a positive number');
  return (signOf(intent.side) * intent.units).toFixed(decimalsOf(instrument.lotStep));
}

/**
 * The order in the venue's words. `trades`: the open trades of the instrument, which only a trailing stop of its own needs.
 *
 * A stop-limit becomes a STOP with a `priceBound`: once triggered it fills inside the bound or is cancelled, it does not go
 * on working as a limit order. A trailing stop exists only on a trade and has that trade's size. A stop that only reduces
 * stays an order of its own (`REDUCE_ONLY`), so that it keeps its size and its id however many trades the position has.
 */
export function orderRequest(order: ApprovedOrder, instrument: Instrument, trades: readonly WireTrade[]): OrderRequest {
  const { intent } = order;
  if (intent.type === 'trailing-stop') return trailingStop(order, instrument, trades);
  const price = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : priceText(value, instrument);
  const kinds = {
    market: { type: 'MARKET', priceBound: price(intent.price) },
    limit: { type: 'LIMIT', price: price(intent.price) },
    stop: { type: 'STOP', price: price(intent.stopPrice) },
    'stop-limit': { type: 'STOP', price: price(intent.stopPrice), priceBound: price(intent.price) },
  } as const;
  const kind = kinds[intent.type];
  if (intent.type !== 'market' && (kind as { price?: string }).price === undefined) {
    return { kind: 'impossible', reason: `a ${intent.type} order needs a price` };
  }
  return {
    kind: 'order',
    order: withoutUndefined({
      ...kind,
      instrument: wireName(intent.instrument),
      units: unitsText(intent, instrument),
      ...(intent.type === 'market' ? { timeInForce: marketTime(intent) } : timeOf(intent)),
      positionFill: intent.reduceOnly ? 'REDUCE_ONLY' : 'DEFAULT',
      clientExtensions: { id: order.clientId, tag: TAG },
      ...childrenOf(order, instrument),
    }),
  };
}

/** A market order fills now or not at all; only `IOC` may fill a part. */
const marketTime = (intent: OrderIntent): string => (intent.timeInForce === 'IOC' ? 'IOC' : 'FOK');

function timeOf(intent: OrderIntent): { readonly timeInForce: string; readonly gtdTime?: string } {
  if (intent.timeInForce === 'DAY') return { timeInForce: 'GFD' };
  if (intent.timeInForce !== 'GTD') return { timeInForce: intent.timeInForce };
  assert(intent.expiresAt !== undefined, 'an order with a time limit says it');
  return { timeInForce: 'GTD', gtdTime: new Date(intent.expiresAt).toISOString() };
}

/** Stop and target that start with the fill. With a trailing distance the venue starts the stop that far from the fill. */
function childrenOf({ intent, clientId }: ApprovedOrder, instrument: Instrument): Record<string, unknown> {
  const child = (role: 'sl' | 'tp') => ({
    timeInForce: 'GTC',
    clientExtensions: { id: childClientId(clientId, role), tag: TAG },
  });
  const stop =
    intent.trailStop !== undefined
      ? { trailingStopLossOnFill: { distance: priceText(intent.trailStop, instrument), ...child('sl') } }
      : intent.stopLoss !== undefined
        ? { stopLossOnFill: { price: priceText(intent.stopLoss, instrument), ...child('sl') } }
        : {};
  if (intent.takeProfit === undefined) return stop;
  return { ...stop, takeProfitOnFill: { price: priceText(intent.takeProfit, instrument), ...child('tp') } };
}

function trailingStop(order: ApprovedOrder, instrument: Instrument, trades: readonly WireTrade[]): OrderRequest {
  const { intent } = order;
  const impossible = (why: string): OrderRequest => ({ kind: 'impossible', reason: `trailing stop: ${why}` });
  if (intent.trailDistance === undefined) return impossible('it needs a distance');
  if (!intent.reduceOnly) return impossible('OANDA has it only for an open trade, not to enter');
  const [trade, second] = trades.filter((one) => Math.sign(one.currentUnits) === -signOf(intent.side));
  if (trade === undefined) return impossible('no open trade that it would close');
  if (second !== undefined) return impossible('the position is several trades, OANDA trails each on its own');
  if (Math.abs(trade.currentUnits) !== intent.units) {
    return impossible(`it has the size of its trade, ${Math.abs(trade.currentUnits)} units, not ${intent.units}`);
  }
  const time = timeOf(intent);
  if (time.timeInForce === 'IOC' || time.timeInForce === 'FOK') return impossible('it cannot end at once');
  return {
    kind: 'order',
    order: {
      type: 'TRAILING_STOP_LOSS',
      tradeID: trade.id,
      distance: priceText(intent.trailDistance, instrument),
      ...time,
      clientExtensions: { id: order.clientId, tag: TAG },
    },
  };
}

function withoutUndefined(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
