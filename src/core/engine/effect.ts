import type { ApprovalRequest } from '../approvals/request.js';
import type { EpochMs, InstrumentId, OrderId } from '../model/ids.js';
import type { ApprovedOrder, DecisionInputs, OrderIntent } from '../model/order.js';
import type { Failure } from '../risk/rule.js';

/** Why something was done or not done: what the journal keeps of every wish of a strategy. */
export interface Decision {
  readonly ts: EpochMs;
  readonly instrument: InstrumentId;
  readonly wish: string;
  readonly reason: string;
  readonly inputs: DecisionInputs;
  /** Ids of the orders it became, refused ones too. */
  readonly orders: readonly OrderId[];
  /** What the sizing did: asked for, cut to, by which limit. */
  readonly sizing: DecisionInputs | undefined;
}

/** An order that waits for a person: with its ids, without the proof that only the gate makes. */
export type AskedOrder = Pick<ApprovedOrder, 'id' | 'clientId' | 'createdAt' | 'intent'>;

/** What the engine wants done. The runner records each before it carries it out. */
export type Effect =
  | { readonly kind: 'submit'; readonly order: ApprovedOrder }
  | { readonly kind: 'cancel'; readonly orderId: OrderId; readonly reason: string }
  /** A person is asked before `order` may be sent; it is not sent with this effect, nor ever without an answer. */
  | { readonly kind: 'ask'; readonly ts: EpochMs; readonly order: AskedOrder; readonly request: ApprovalRequest }
  /** An order that waited for a person will not be asked for any more; it never left. */
  | {
      readonly kind: 'withdrawn';
      readonly ts: EpochMs;
      readonly orderId: OrderId;
      readonly status: 'expired' | 'cancelled';
      readonly reason: string;
    }
  | { readonly kind: 'decided'; readonly decision: Decision }
  | {
      readonly kind: 'refused';
      readonly ts: EpochMs;
      readonly orderId: OrderId;
      readonly intent: OrderIntent;
      readonly failures: readonly Failure[];
    }
  | {
      readonly kind: 'breaker';
      readonly ts: EpochMs;
      readonly key: string;
      readonly message: string;
      readonly until: EpochMs | null;
    }
  | { readonly kind: 'latch'; readonly ts: EpochMs; readonly key: string; readonly message: string }
  | { readonly kind: 'alert'; readonly ts: EpochMs; readonly key: string; readonly message: string };

/** One shared empty answer: a bar that decides nothing allocates nothing. */
export const NO_EFFECTS: readonly Effect[] = Object.freeze([]);
