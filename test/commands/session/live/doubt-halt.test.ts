import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DoubtHalt } from '../../../../src/commands/session/live/doubt-halt.js';
import { clientId, instrumentId, orderId } from '../../../../src/core/model/ids.js';
import { LiveOrders } from '../../../../src/core/orders/live-orders.js';
import { readHalts } from '../../../../src/core/state/halt-file.js';

const home = mkdtempSync(join(tmpdir(), 'fxtrade-doubt-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('halts at more than three orders without an answer, and again at each that comes after a person lifted it', () => {
  const orders = new LiveOrders();
  let now = 0;
  const told: unknown[] = [];
  const halt = new DoubtHalt({
    book: { orders },
    clock: { now: () => ++now },
    prepared: { request: { home } },
    venue: { name: 'oanda' },
    onEvent: (kind: string) => told.push(kind),
  } as unknown as ConstructorParameters<typeof DoubtHalt>[0]);
  const lose = (n: number): void => {
    const client = clientId(`fxlv${n}`);
    const intent = {
      ...{
        instrument: instrumentId('EUR/USD'),
        side: 'buy' as const,
        units: 1,
        type: 'market' as const,
        timeInForce: 'FOK' as const,
      },
      ...{ reduceOnly: false, reason: 'test' },
    } as const;
    orders.apply({ type: 'submit', order: { id: orderId(`o-${n}`), clientId: client, createdAt: 0, intent } }, 0);
    orders.apply({ type: 'attempt', clientId: client, cursor: '1' }, 0);
    orders.apply({ type: 'unresolved', clientId: client, why: 'silence' }, 0);
  };
  const halts = (): number => {
    halt.look();
    return readHalts(home).length;
  };
  const after = [1, 2, 3, 4].map((n) => {
    lose(n);
    return halts();
  });
  expect(after).toEqual([0, 0, 0, 1]);
  expect(halts()).toBe(1);
  lose(5);
  expect(halts()).toBe(2);
  for (const n of [1, 2]) orders.apply({ type: 'never-arrived', clientId: clientId(`fxlv${n}`), proof: 'x' }, 0);
  expect(halts()).toBe(2);
  lose(6);
  expect(halts()).toBe(3);
  expect(told).toHaveLength(3);
});
