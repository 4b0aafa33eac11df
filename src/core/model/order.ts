import { roundTo } from '../base/num.js';
import type { ClientId, EpochMs, InstrumentId, OrderId } from './ids.js';

export type Side = 'buy' | 'sell';
export type OrderType = 'market' | 'limit' | 'stop' | 'stop-limit' | 'trailing-stop';
export type TimeInForce = 'GTC' | 'GTD' | 'DAY' | 'IOC' | 'FOK';
export type OrderStatus = 'working' | 'filled' | 'cancelled' | 'rejected' | 'expired' | 'refused';

/** What a decision rests on: plain values, kept in the journal. */
export type DecisionInputs = Readonly<Record<string, number | string | boolean | null>>;

/** An order that somebody wants. Units are positive and on the lot grid, prices on the tick grid. */
export interface OrderIntent {
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly units: number;
  readonly type: OrderType;
  /** Limit price of `limit` and `stop-limit`. */
  readonly price?: number;
  /** Trigger of `stop`, `stop-limit` and (where it starts) `trailing-stop`. */
  readonly stopPrice?: number;
  /** Distance of a trailing stop from the best price since it works, in price. */
  readonly trailDistance?: number;
  readonly timeInForce: TimeInForce;
  /** For GTD. */
  readonly expiresAt?: EpochMs;
  /** May only shrink a position: capped to it when it fills, cancelled when it is gone. */
  readonly reduceOnly: boolean;
  /** Protective stop (price) that starts working with the fill. */
  readonly stopLoss?: number;
  /** Profit target (price) that starts working with the fill; one cancels the other. */
  readonly takeProfit?: number;
  /** Trailing distance of the protective stop, in price; then `stopLoss` is where it starts. */
  readonly trailStop?: number;
  /** Orders of one group cancel each other when one fills. */
  readonly group?: string;
  /** Why, in words a person reads in the journal and in `trades.csv`. */
  readonly reason: string;
  readonly inputs?: DecisionInputs;
}

declare const approved: unique symbol;

/** An intent that passed every limit. Only `core/risk/gate.ts` makes one; only one of these can be submitted. */
export interface ApprovedOrder {
  readonly intent: OrderIntent;
  readonly id: OrderId;
  readonly clientId: ClientId;
  readonly createdAt: EpochMs;
  readonly [approved]: true;
}

/** An order as the book knows it; one row of `orders.csv`. */
export interface Order {
  readonly id: OrderId;
  readonly clientId: ClientId | '';
  readonly createdAt: EpochMs;
  /** Changes only where the venue changes it: a trailed stop, a split. */
  intent: OrderIntent;
  status: OrderStatus;
  filledUnits: number;
  /** Mean price of the filled units; 0 before the first fill. */
  averagePrice: number;
  /** Reason of the intent, or why it ended (refused, rejected, cancelled, expired). */
  reason: string;
  /** A person is asked first: it counts as pending and is not at the venue. */
  isParked?: boolean;
  /** Its size came from sizing or a weight, not from the strategy's own number: limits may cut it. */
  isSized?: boolean;
  /** When it was sent, where that was later than it was made. */
  sentAt?: EpochMs;
}

/** One execution. Amounts of cost are positive when paid, in account currency. */
export interface Fill {
  readonly orderId: OrderId;
  /** Made by the venue, unique; applying one twice must change nothing. */
  readonly executionId: string;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly units: number;
  readonly price: number;
  readonly ts: EpochMs;
  readonly commission: number;
  /** Account currency per unit of quote at which the venue booked it; the book takes its own where the venue says none. */
  readonly quoteToAccount?: number;
  /** Profit of the part that closed something, where the venue books it itself; account currency. */
  readonly realizedPnl?: number;
  /** Interest that the venue settles with the fill; account currency, positive when paid. */
  readonly financing?: number;
  /** How the price came to be worse than the mid, account currency; part of the price, not paid again. */
  readonly spreadCost: number;
  readonly slippageCost: number;
  readonly impactCost: number;
  readonly reason: string;
}

/** A round trip, or the part of one that was closed; one row of `trades.csv`. */
export interface Trade {
  readonly instrument: InstrumentId;
  readonly side: 'long' | 'short';
  readonly units: number;
  readonly entryTime: EpochMs;
  readonly entryPrice: number;
  readonly exitTime: EpochMs;
  readonly exitPrice: number;
  /** (exit − entry) × signed units in account currency, at the exit's rate. */
  readonly grossPnl: number;
  readonly commission: number;
  readonly financing: number;
  readonly netPnl: number;
  /** Loss at the first protective stop, account currency; undefined without one. */
  readonly initialRisk: number | undefined;
  readonly entryReason: string;
  readonly exitReason: string;
}

/** One leg of a bracket: what begins to work with the fill of its parent. */
export interface BracketLeg {
  readonly leg: 'sl' | 'tp';
  readonly intent: OrderIntent;
}

/** The stop and the target that a fill of `units` of an entry brings to life; one cancels the other. */
export function bracketLegs(parent: OrderId, entry: OrderIntent, units: number): readonly BracketLeg[] {
  const { stopLoss, takeProfit, trailStop } = entry;
  const shared = {
    instrument: entry.instrument,
    side: opposite(entry.side),
    units,
    timeInForce: 'GTC',
    reduceOnly: true,
    group: `${parent} bracket`,
  } as const;
  const legs: BracketLeg[] = [];
  if (stopLoss !== undefined) {
    const kind =
      trailStop === undefined
        ? { type: 'stop' as const }
        : { type: 'trailing-stop' as const, trailDistance: trailStop };
    legs.push({ leg: 'sl', intent: { ...shared, ...kind, stopPrice: stopLoss, reason: 'stop-loss' } });
  }
  if (takeProfit !== undefined) {
    legs.push({ leg: 'tp', intent: { ...shared, type: 'limit', price: takeProfit, reason: 'take-profit' } });
  }
  return legs;
}

/** A split as an order sees it. */
export interface OrderSplit {
  /** New units for one old. */
  readonly ratio: number;
  /** Units of the order afterwards. */
  readonly units: number;
  /** Smallest step of its prices. */
  readonly tick: number;
}

/** The same order after a split: its prices go the other way, and stay on the grid. A distance is at least one tick. */
export function splitIntent(intent: OrderIntent, { ratio, units, tick }: OrderSplit): OrderIntent {
  const scaled = (price: number | undefined, key: string) =>
    price === undefined ? {} : { [key]: Math.max(tick, roundTo(price / ratio, tick)) };
  return {
    ...intent,
    units,
    ...scaled(intent.price, 'price'),
    ...scaled(intent.stopPrice, 'stopPrice'),
    ...scaled(intent.trailDistance, 'trailDistance'),
    ...scaled(intent.stopLoss, 'stopLoss'),
    ...scaled(intent.takeProfit, 'takeProfit'),
    ...scaled(intent.trailStop, 'trailStop'),
  };
}

export const opposite = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');
/** +1 for a buy, −1 for a sell. */
export const signOf = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1);
