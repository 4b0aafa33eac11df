import { within } from '../../../core/base/num.js';
import type { EpochMs, InstrumentId } from '../../../core/model/ids.js';
import type { OrderIntent } from '../../../core/model/order.js';
import type { Break } from '../../../core/orders/reconcile.js';
import type { RiskLimits } from '../../../core/risk/rule.js';
import type { HaltLine } from '../../../core/state/halt-file.js';
import type { HeldQuote } from '../../../feeds/live/last-good.js';
import { haltStateOf } from '../halts.js';

/** An order that nobody sent within this long was decided in another market. */
export const INTENT_LIFE_MS = 60_000;
const CLOCK_SLACK_MS = 2_000;

/** The world at the moment in which an order would leave. */
export interface Outlook {
  readonly now: EpochMs;
  /** By the stopwatch, for ages. */
  readonly mono: number;
  readonly limits: RiskLimits;
  readonly halts: readonly HaltLine[];
  readonly breaks: readonly Break[];
  readonly shadow: boolean;
  /** Why the disk has too little room for something new, or undefined. */
  readonly room?: string | undefined;
  /** Price that the order was decided on. */
  readonly decidedPrice: number;
  quote(instrument: InstrumentId): HeldQuote | undefined;
  /** What a second source has against its price, or undefined. */
  second?(instrument: InstrumentId): string | undefined;
}

/**
 * Why an order may not leave now, or undefined: judged right before the bytes do, on what is true then. Exits pass what only
 * guards entries; nothing passes a halt of mode `all` or a market that is closed.
 */
export function lastLook(intent: OrderIntent, recordedAt: EpochMs, outlook: Outlook): string | undefined {
  const halt = haltStateOf(outlook.halts, intent.instrument);
  if (halt.everything || (halt.entries && !intent.reduceOnly)) return `halted: ${halt.reason}`;
  if (outlook.shadow) return 'shadow: nothing is sent';
  const quote = outlook.quote(intent.instrument);
  if (quote?.tradeable === false) return `${intent.instrument} cannot be traded now`;
  return intent.reduceOnly ? undefined : entryStop(intent, recordedAt, quote, outlook);
}

function entryStop(
  intent: OrderIntent,
  recordedAt: EpochMs,
  quote: HeldQuote | undefined,
  outlook: Outlook,
): string | undefined {
  const { now, limits } = outlook;
  const { instrument } = intent;
  const open = outlook.breaks.find((one) => one.instrument === undefined || one.instrument === instrument);
  if (open !== undefined) return `unreconciled: ${open.message}`;
  if (outlook.room !== undefined) return outlook.room;
  const ageMs = now - recordedAt;
  if (ageMs > INTENT_LIFE_MS) return `decided ${ageMs} ms ago, limit is ${INTENT_LIFE_MS} ms`;
  // How old it is nobody can say: the clock was set back since.
  if (ageMs < -CLOCK_SLACK_MS) return `decided ${-ageMs} ms from now, by a clock that was set back since`;
  if (intent.expiresAt !== undefined && now >= intent.expiresAt) return 'its time limit has passed';
  const most = intent.type === 'market' ? limits.maxQuoteAgeMs.market : limits.maxQuoteAgeMs.limit;
  if (quote === undefined) return most === null ? undefined : `no quote of ${instrument}, so its age is unknown`;
  const age = Math.round(outlook.mono - quote.receivedMono);
  if (most !== null && !within(age, most)) return `the quote of ${instrument} is ${age} ms old, limit is ${most} ms`;
  if (quote.isDoubted) return `the price of ${instrument} jumped, and nothing has confirmed it yet`;
  return outlook.second?.(instrument) ?? priceStop(intent, quote, outlook);
}

function priceStop(intent: OrderIntent, quote: HeldQuote, { limits, decidedPrice }: Outlook): string | undefined {
  const mid = (quote.bid + quote.ask) / 2;
  const spreadBps = ((quote.ask - quote.bid) / mid) * 10_000;
  if (limits.maxSpreadBps !== null && !within(spreadBps, limits.maxSpreadBps)) {
    return `the spread of ${intent.instrument} is ${spreadBps.toFixed(1)} bps, limit is ${limits.maxSpreadBps} bps`;
  }
  const driftBps = (Math.abs(mid - decidedPrice) / decidedPrice) * 10_000;
  if (limits.priceCollarBps === null || within(driftBps, limits.priceCollarBps)) return undefined;
  return `${intent.instrument} moved ${driftBps.toFixed(1)} bps since it was decided, limit is ${limits.priceCollarBps} bps`;
}
