import type { BrokerEvent } from '../model/event.js';
import type { EpochMs } from '../model/ids.js';
import type { Ledger } from '../model/ledger.js';
import type { Fill } from '../model/order.js';
import type { BreakerEffect } from '../risk/losses.js';
import type { Effect } from './effect.js';

type Told<Kind extends BrokerEvent['kind']> = Extract<BrokerEvent, { kind: Kind }>;

/** What a person is told of a limit that was reached, and the effect that says it. */
export function toldOf(effect: BreakerEffect, ts: EpochMs): { readonly message: string; readonly effect: Effect } {
  const { key, kind } = effect;
  const message = `${key} reached: ${effect.value.toFixed(1)} ${effect.unit}, limit ${effect.limit}`;
  if (kind === 'breaker') return { message, effect: { kind, ts, key, message, until: effect.until ?? null } };
  if (kind === 'latch') return { message, effect: { kind, ts, key, message } };
  return { message, effect: { kind: 'alert', ts, key, message: `${effect.instrument ?? ''} ${message}`.trim() } };
}

export function marginCalled({ ts, equity, marginUsed }: Told<'margin-call'>): Effect {
  const message = `margin call: equity ${equity.toFixed(2)} is below margin used ${marginUsed.toFixed(2)}`;
  return { kind: 'alert', ts, key: 'margin-call', message };
}

export function splitTold({ ts, instrument, ratio }: Told<'split'>): Effect {
  return { kind: 'alert', ts, key: 'split', message: `${instrument} splits ${ratio} for 1` };
}

export function lateFillTold({ ts, orderId, units, instrument }: Fill): Effect {
  return {
    kind: 'alert',
    ts,
    key: 'late-fill',
    message: `${orderId} filled ${units} ${instrument} after it had ended`,
  };
}

export function adoptedTold({ ts, cash, positions }: Told<'adopted'>): Effect {
  const message = `adopted ${positions.length} position(s) and cash of ${cash} from the venue`;
  return { kind: 'alert', ts, key: 'adopted', message };
}

/** The ledger holds what the venue holds: what it held before ends without a trade. */
export function takeOver(ledger: Ledger, { ts, cash, positions }: Told<'adopted'>): void {
  ledger.transfer(cash - ledger.cash);
  for (const index of [...ledger.openIndexes]) ledger.adopt(index, { units: 0, averagePrice: 0, ts });
  for (const one of positions) ledger.adopt(ledger.indexOf(one.instrument), { ...one, ts });
}
