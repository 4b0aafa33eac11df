import { seededRng } from '../../src/core/base/rng.js';
import { approveExit } from '../../src/core/dispatch/approve-exit.js';
import { Flattening, type FlattenParts } from '../../src/core/dispatch/flatten.js';
import { mintedClientId, orderId } from '../../src/core/model/ids.js';
import { LiveOrders } from '../../src/core/orders/live-orders.js';
import type { OrderRecord } from '../../src/core/orders/records.js';
import { virtualOanda } from './virtual-oanda.js';

export type Faults = NonNullable<Parameters<typeof virtualOanda>[0]['faults']>;

export const wire = (symbol: string): string => symbol.replace('/', '_');

/** An account, and a close-all that is journalled in memory. */
export function closeAllDesk(seed: number, symbols: readonly string[], faults: Faults = {}, mostUnits?: number) {
  const broker = virtualOanda({ seed, symbols, faults, ...(mostUnits === undefined ? {} : { mostUnits }) });
  const records: OrderRecord[] = [];
  const rng = seededRng(`ids ${seed}`);
  let minted = 0;
  const orders = new LiveOrders();
  const flatten = (patienceMs = 60_000, more: Pick<FlattenParts, 'others' | 'strays'> = {}) =>
    new Flattening({
      venue: broker.venue,
      orders,
      ...more,
      note: (record) => void records.push(record),
      durable: () => undefined,
      approve: (intent, position, instrument) =>
        approveExit(intent, position.units, instrument, broker.now(), () => ({
          id: orderId(`close-${++minted}`),
          clientId: mintedClientId(
            'ca',
            Uint8Array.from({ length: 10 }, () => Math.floor(rng.next() * 256)),
          ),
        })),
      clock: broker.clock,
      time: broker.time,
      patienceMs,
      reason: 'close-all',
    }).run();
  return { ...broker, flatten, records, orders };
}

export const market = (symbol: string, units: number, more: object = {}) => ({
  type: 'MARKET',
  instrument: wire(symbol),
  units: String(units),
  ...more,
});
