import { rollAfter } from '../../core/model/calendar/calendar.js';
import type { ClientId, EpochMs, OrderId } from '../../core/model/ids.js';
import type { OrderIntent } from '../../core/model/order.js';

/** An order as the simulated venue holds it. */
export interface WorkingOrder {
  readonly id: OrderId;
  readonly clientId: ClientId;
  intent: OrderIntent;
  readonly index: number;
  /** When it reaches the market. */
  readonly activeFrom: EpochMs;
  readonly sentAt: EpochMs;
  /** No bar that opens then or later fills it: its own time, or the first day's end after it was sent. */
  readonly endsAt: EpochMs;
  remaining: number;
  filled: number;
  /** Commission charged so far, account currency: the minimum is paid once an order. */
  charged: number;
  /** Sum of units × price so far, quote currency. */
  traded: number;
  /** The month's volume before its first fill, for commission tiers. */
  volumeBefore: number;
  /** Bar at which the share of volume cut it: it takes no more of that bar. */
  cutAt: EpochMs;
  /** Current trigger of a stop; moves for a trailing one. */
  stop: number;
  /** Its stop was reached: a market order from then on, or a limit for a stop-limit. */
  triggered: boolean;
  /** Bars it was looked at; 0 for a child born inside this bar. */
  bars: number;
  /** Times that a bracket's stop or target was made for it. */
  births: number;
  /** Parent of a bracket's stop or target, and which of the two it is. */
  readonly parentId?: OrderId;
  readonly leg?: 'sl' | 'tp';
}

export type SavedOrder = Omit<WorkingOrder, 'stop'> & { readonly stop: number | null };

/** Later than every bar, and plain JSON, which Infinity is not. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** What an order brings along when it is new to the venue. */
type Arrival = Pick<WorkingOrder, 'id' | 'clientId' | 'intent' | 'index' | 'activeFrom' | 'sentAt'>;

/** A new order, nothing of it filled. Its fields stand in one order for all, so that the matching loop sees one shape. */
export function newWorkingOrder({ id, clientId, intent, index, activeFrom, sentAt }: Arrival): WorkingOrder {
  return {
    id,
    clientId,
    intent,
    index,
    activeFrom,
    sentAt,
    endsAt: endOf(intent, sentAt),
    remaining: intent.units,
    filled: 0,
    charged: 0,
    traded: 0,
    volumeBefore: 0,
    cutAt: 0,
    births: 0,
    stop: intent.stopPrice ?? Number.NaN,
    triggered: false,
    bars: 0,
  };
}

/** An order as plain JSON, which has no NaN. */
export const savedOrder = (order: WorkingOrder): SavedOrder => ({
  ...order,
  stop: Number.isNaN(order.stop) ? null : order.stop,
});

export const loadedOrder = (order: SavedOrder): WorkingOrder => ({ ...order, stop: order.stop ?? Number.NaN });

function endOf({ timeInForce, expiresAt }: OrderIntent, sentAt: EpochMs): EpochMs {
  if (timeInForce === 'DAY') return rollAfter(sentAt);
  return timeInForce === 'GTD' ? (expiresAt ?? NEVER) : NEVER;
}

/** How an order behaves inside a bar. */
export type Role = 'protect' | 'target' | 'entry';

/** What fills before what inside one bar, when the bar does not say. `true`: a child born inside this bar too. */
export const FILL_ORDER: Readonly<Record<'pessimistic' | 'optimistic', readonly (readonly [Role, boolean])[]>> = {
  pessimistic: [
    ['protect', true],
    ['entry', true],
    ['protect', true],
    ['target', false],
  ],
  optimistic: [
    ['target', true],
    ['entry', true],
    ['target', true],
    ['protect', true],
  ],
};

/** A reduce-only stop protects, a reduce-only limit is a target, the rest opens or closes in its own right. */
export function roleOf(order: WorkingOrder): Role {
  if (!order.intent.reduceOnly) return 'entry';
  return order.intent.type === 'limit' ? 'target' : 'protect';
}
