import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundHalfEven } from '../../../../src/core/base/num.js';
import { EquityRows, writeNumber } from '../../../../src/core/state/runs/row-bytes.js';

function written(value: number): string {
  const bytes = Buffer.alloc(64);
  return bytes.toString('latin1', 0, writeNumber(bytes, 0, value));
}

describe('numbers as bytes', () => {
  it('any double is written as String writes it', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(written(value)).toBe(String(value));
      }),
    );
  });

  it('any amount in cents is written as String writes it', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (cents) => {
        expect(written(cents / 100)).toBe(String(cents / 100));
      }),
    );
  });

  it.each([
    ...[0, -0, 0.1, 0.01, -0.01, 0.005, 1.005, 100, 123.4, 99.99, -12_345.67, 1e7, 1e7 - 0.01, 10_000_000.5],
    ...[9_999_999_999_999.99, 1e13, 1e15, 1e21, 5e-324, 1.7976931348623157e308, 0.30000000000000004],
  ])('%d', (value) => {
    expect(written(value)).toBe(String(value));
  });
});

describe('rows of equity', () => {
  it('are the texts of their values, whenever they are taken', () => {
    const row = fc.record({
      ts: fc.oneof(
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        fc.nat(1000).map((minute) => minute * 60_000),
      ),
      equity: fc.oneof(fc.constantFrom(0, 1, 1e6), fc.double({ noNaN: true, min: -1e14, max: 1e14 })),
      cash: fc.oneof(
        fc.constantFrom(0, 5.5),
        fc.integer({ min: -1e12, max: 1e12 }).map((cents) => cents / 100),
      ),
      drawdown: fc.oneof(fc.constantFrom(0, -0, 0.25), fc.double({ noNaN: true, min: 0, max: 1 })),
      take: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(row), (all) => {
        const rows = new EquityRows(2);
        let text = '';
        let wanted = '';
        for (const { ts, equity, cash, drawdown, take } of all) {
          rows.add(ts, equity, cash, drawdown);
          wanted += `${new Date(ts).toISOString()},${roundHalfEven(equity, 2)},${cash},${drawdown}\n`;
          if (take) text += Buffer.from(rows.take()).toString('latin1');
        }
        expect(text + Buffer.from(rows.take()).toString('latin1')).toBe(wanted);
      }),
    );
  });

  it('say when they are full, with room for the longest row', () => {
    const rows = new EquityRows(2);
    let count = 0;
    while (!rows.isFull) {
      rows.add(1_577_836_800_123, -1.7976931348623157e308, -Number.MIN_VALUE, Math.PI * 1e-300);
      count++;
    }
    const text = Buffer.from(rows.take()).toString('latin1');
    expect(text.split('\n')).toHaveLength(count + 1);
    expect(rows.isFull).toBe(false);
  });
});
