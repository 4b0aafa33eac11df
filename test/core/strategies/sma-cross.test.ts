import { describe, expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import { resolveParams } from '../../../src/core/strategies/params.js';
import { smaCross } from '../../../src/core/strategies/sma-cross.js';
import type { View, Wish } from '../../../src/core/strategies/strategy.js';
import { anInstrument, drive, slicesOf } from '../../helpers/drive-strategy.js';

/** Closes of workload W1: integer ticks from a linear congruential generator. */
function w1(length: number): number[] {
  let s = 20240607;
  let price = 110_000;
  return Array.from({ length }, () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    let step = ((s >>> 16) % 13) - 6;
    if (price < 90_000) step = Math.abs(step);
    if (price > 130_000) step = -Math.abs(step);
    price += step;
    return price;
  });
}

const W1 = { fast: 16, slow: 64, longOnly: true };

describe('workload W1', () => {
  it.each`
    bars       | trades   | ticks | checksum
    ${100_000} | ${1_003} | ${23} | ${387104452}
  `('at $bars bars there are $trades trades of $ticks ticks', ({ bars, trades, ticks, checksum }) => {
    const { trips } = drive(smaCross, { instruments: ['W1'], params: W1, slices: slicesOf('W1', w1(bars)) });
    let sum = 0;
    let mark = 0;
    for (const { entry, exit, entryBar, exitBar } of trips) {
      sum += exit - entry;
      mark = (mark + 31 * entryBar + 17 * exitBar) % 1_000_000_007;
    }
    expect({ trades: trips.length, ticks: sum, checksum: mark }).toEqual({ trades, ticks, checksum });
  });
});

describe('sma-cross', () => {
  const small = { fast: 2, slow: 3 };
  const exposures = (closes: number[], params: Record<string, number | boolean>): (string | number)[][] =>
    drive(smaCross, { instruments: ['X'], params, slices: slicesOf('X', closes) }).made.map(({ slice, wish }) => [
      slice,
      wish.kind === 'signal' ? wish.exposure : wish.kind,
    ]);

  it.each`
    given                               | closes                       | longOnly | wishes
    ${'it rises from the first bar'}    | ${[1, 2, 3, 4, 5]}           | ${false} | ${[]}
    ${'it falls, then rises'}           | ${[5, 4, 3, 2, 4, 6]}        | ${false} | ${[[5, 1]]}
    ${'it rises, then falls'}           | ${[1, 2, 3, 4, 2, 1]}        | ${false} | ${[[5, -1]]}
    ${'it rises, then falls'}           | ${[1, 2, 3, 4, 2, 1]}        | ${true}  | ${[]}
    ${'it crosses both ways'}           | ${[5, 4, 3, 2, 4, 6, 3, 1]}  | ${true}  | ${[[5, 1], [7, 0]]}
    ${'it crosses both ways'}           | ${[5, 4, 3, 2, 4, 6, 3, 1]}  | ${false} | ${[[5, 1], [7, -1]]}
    ${'it stands still, then rises'}    | ${[3, 3, 3, 3, 4]}           | ${false} | ${[[4, 1]]}
    ${'it stands still from the start'} | ${[0.1, 0.1, 0.1, 0.1, 0.1]} | ${false} | ${[]}
  `('given $given (longOnly $longOnly), wishes $wishes', ({ closes, longOnly, wishes }) => {
    expect(exposures(closes, { ...small, longOnly })).toEqual(wishes);
  });

  it('given decimal prices that repeat in a cycle as long as both windows, sees no cross in rounding noise', () => {
    const closes = Array.from({ length: 5_000 }, (_, i) => [1.1, 1.3, 1.2, 1.7][i % 4] ?? 0);
    expect(exposures(closes, { fast: 4, slow: 8 })).toEqual([]);
  });

  it('given stopBps, the stop stands that far from the close on the losing side', () => {
    const run = (closes: number[]) =>
      drive(smaCross, { instruments: ['X'], params: { ...small, stopBps: 100 }, slices: slicesOf('X', closes) }).made;
    expect(run([5, 4, 3, 2, 4, 6])[0]?.wish).toMatchObject({ exposure: 1, stop: expect.closeTo(5.94, 12) });
    expect(run([1, 2, 3, 4, 2, 1])[0]?.wish).toMatchObject({ exposure: -1, stop: expect.closeTo(1.01, 12) });
  });

  it('given an entry that still works, takes it back before the next decision', () => {
    const params = resolveParams(smaCross, { ...small, longOnly: true });
    const cross = smaCross.create({ params, instruments: [anInstrument('X')], currency: 'USD' });
    const view = { units: () => 0, pending: () => true } as unknown as View;
    const wishes: (Wish | readonly Wish[])[] = [];
    for (const close of [5, 4, 3, 2, 4, 6, 3, 1]) {
      const bar = { instrument: instrumentId('X'), ts: 0, open: close, high: close, low: close, close, volume: 0 };
      const wish = cross.onBar?.(bar, view);
      if (wish !== undefined) wishes.push(wish);
    }
    expect(wishes).toMatchObject([[{ kind: 'cancel' }, { kind: 'signal', exposure: 1 }], { kind: 'cancel' }]);
  });

  it('given fast is not shorter than slow, refuses', () => {
    expect(() => resolveParams(smaCross, { fast: 64 })).toThrow('not shorter than slow');
  });
});
