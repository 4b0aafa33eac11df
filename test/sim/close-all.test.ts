import { describe, expect, it } from 'vitest';
import { seededRng } from '../../src/core/base/rng.js';
import { closeAllDesk, type Faults, market, wire } from '../helpers/close-all-desk.js';

const CURRENCIES = ['EUR', 'GBP', 'AUD', 'NZD', 'USD', 'CAD', 'CHF'];
const SYMBOLS = CURRENCIES.flatMap((base, i) => CURRENCIES.slice(i + 1).map((quote) => `${base}/${quote}`)).slice(
  0,
  20,
);

/** What a seed makes go wrong: rejects, partial fills, lost and late messages, a person at work, a market that shuts. */
function faultsOf(seed: number): Faults {
  const rng = seededRng(`faults ${seed}`);
  const some = (share: number) => (rng.next() < 0.5 ? rng.next() * share : 0);
  const rule = (on: string, chance: number, fault: object) => ({ on, chance, fault });
  const symbol = wire(SYMBOLS[Math.floor(rng.next() * SYMBOLS.length)] ?? '');
  const rules = [
    rule('submit', some(0.1), { kind: 'error-after', status: 504 }),
    rule('submit', some(0.1), { kind: 'error-before', status: 503 }),
    rule('submit', some(0.05), { kind: 'drop-after' }),
    rule('submit', some(0.05), { kind: 'drop-before' }),
    rule('submit', some(0.05), { kind: 'late', ms: Math.floor(rng.next() * 4_000) }),
    rule('submit', some(0.1), { kind: 'partial-fill', share: 0.1 + rng.next() * 0.8 }),
    rule('submit', some(0.05), { kind: 'malformed' }),
    rule('submit', some(0.03), { kind: 'duplicate' }),
    rule('cancel', some(0.1), { kind: 'error-before', status: 503 }),
    rule('positions', some(0.05), { kind: 'error-before', status: 503 }),
    rule('submit', some(0.03), { kind: 'trade-by-hand', instrument: symbol, units: rng.next() < 0.5 ? 500 : -500 }),
    rule('positions', some(0.1), { kind: 'halt', instrument: symbol, halted: true }),
  ].filter(({ chance }) => chance > 0);
  return { rules } as Faults;
}

/** So much of it as one order may be. */
const part = (units: number, most = Number.POSITIVE_INFINITY): number =>
  Math.sign(units) * Math.min(Math.abs(units), most);

const RUNS = process.env['npm_lifecycle_event'] === 'soak' ? 1_000 : 60;

describe('a close-all in a storm', () => {
  it(`${RUNS} seeded runs of 20 positions: no position grows or turns, and what is said is what is so`, async () => {
    let flat = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const rng = seededRng(`positions ${seed}`);
      // In some runs the venue takes only a part of a position at once.
      const most = seed % 3 === 0 ? 3_000 : undefined;
      const { byHand, flatten, truth, quote } = closeAllDesk(seed, SYMBOLS, faultsOf(seed), most);
      for (const symbol of SYMBOLS) {
        const units = (rng.next() < 0.5 ? -1 : 1) * Math.ceil(rng.next() * 10_000);
        const stop = rng.next() < 0.5 ? { trailingStopLossOnFill: { distance: '0.01000' } } : {};
        for (let left = units; left !== 0; left -= part(left, most)) byHand(market(symbol, part(left, most), stop));
        if (rng.next() < 0.3) {
          byHand({ type: 'LIMIT', instrument: wire(symbol), units: '700', price: '1.00000' });
        }
        if (rng.next() < 0.1) quote(symbol, 1.1, { liquidity: Math.ceil(Math.abs(units) / 3) });
      }
      // Stops fire while orders are being cancelled.
      for (const symbol of SYMBOLS) if (rng.next() < 0.1) quote(symbol, 1.1 + (rng.next() - 0.5) * 0.03);
      const result = await flatten();
      const { positions, fills, orders } = truth();
      const hand = new Set(orders.filter(({ clientId }) => clientId === undefined).map(({ id }) => id));
      const held = new Map<string, number>();
      for (const { instrument, units, orderId: id } of fills) {
        const before = held.get(instrument) ?? 0;
        held.set(instrument, before + units);
        if (hand.has(id)) continue;
        const where = `seed=${seed} ${instrument} ${before} ${units}`;
        expect(Math.abs(before + units), where).toBeLessThan(Math.abs(before));
        expect((before + units) * before, where).toBeGreaterThanOrEqual(0);
      }
      const there = positions.map(({ instrument, units }) => `${instrument.replace('_', '/')} ${units}`).sort();
      const said = result.residual.map(({ instrument, units }) => `${instrument} ${units}`).sort();
      if (result.flat === null) continue;
      expect([said, result.flat], `seed=${seed}`).toEqual([there, there.length === 0]);
      if (result.flat) {
        expect(
          orders.filter(({ state }) => state === 'PENDING'),
          `seed=${seed}`,
        ).toEqual([]);
        flat++;
      }
    }
    expect(flat).toBeGreaterThan(RUNS / 2);
  });
});
