import { expect, it } from 'vitest';
import { playOrders } from './orders/run.js';

it('plays', async () => {
  const started = performance.now();
  const from = Number(process.env['FXTRADE_SEED'] ?? 1);
  const seeds = Number(process.env['FXTRADE_SEEDS'] ?? 20);
  const counts: Record<string, number> = {};
  let [events, requests, orders] = [0, 0, 0];
  let bad = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const played = await playOrders({ seed, trace: seeds === 1 });
    if (seeds === 1) console.log(played.trace.join('\n'));
    events += played.events;
    requests += played.requests;
    orders += played.orders;
    for (const [kind, count] of Object.entries(played.counts)) counts[kind] = (counts[kind] ?? 0) + count;
    if (played.failure !== undefined && bad++ < 12) console.log(seed, played.failure);
  }
  console.log(counts, { events, requests, orders, bad, ms: performance.now() - started });
  expect(bad).toBe(0);
}, 600_000);
