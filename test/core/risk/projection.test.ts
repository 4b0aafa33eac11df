import { describe, expect, it } from 'vitest';
import { Projection } from '../../../src/core/risk/candidate.js';
import type { InstrumentView } from '../../../src/core/risk/rule.js';
import { aBook, aCandidate, anIntent, aView } from './a-book.js';

const order = (units: number, change: { reduceOnly?: boolean; symbol?: string } = {}) =>
  anIntent({ units: Math.abs(units), side: units > 0 ? 'buy' : 'sell', ...change });
const view = (change: Partial<InstrumentView>) => aView('EUR/USD', change);

/** What the rules see of an order in EUR/USD. */
function seen(units: number, own: Partial<InstrumentView> = {}, reduceOnly = false) {
  const { delta, exit, opens, before, after } = aCandidate(order(units, { reduceOnly }), aBook([view(own)]));
  return { delta, exit, opens, before, after };
}

describe('an order beside what is held and on its way', () => {
  it.each([
    ['opens from flat', 5, {}, { exit: false, opens: true, before: 0, after: 5 }],
    ['sells from flat', -5, {}, { exit: false, opens: true, before: 0, after: -5 }],
    ['adds', 5, { units: 10 }, { exit: false, opens: false, before: 10, after: 15 }],
    ['adds to a short', -5, { units: -10 }, { exit: false, opens: false, before: -10, after: -15 }],
    ['shrinks', -4, { units: 10 }, { exit: true, opens: false, before: 10, after: 6 }],
    ['shrinks a short', 4, { units: -10 }, { exit: true, opens: false, before: -10, after: -6 }],
    ['ends it', -10, { units: 10 }, { exit: true, opens: false, before: 10, after: 0 }],
    // What is held may be gone when it fills: then all of it is new.
    ['turns it around', -11, { units: 10 }, { exit: false, opens: true, before: 10, after: -11 }],
    ['turns a little of it around', -12, { units: 10 }, { exit: false, opens: true, before: 10, after: -12 }],
    ['adds to what is on its way', 5, { pendingUnits: 7 }, { exit: false, opens: false, before: 7, after: 12 }],
    [
      'sells beside sales on their way',
      -5,
      { pendingUnits: -7 },
      { exit: false, opens: false, before: -7, after: -12 },
    ],
    [
      'sells against a purchase on its way',
      -5,
      { pendingUnits: 7 },
      { exit: false, opens: false, before: 7, after: 7 },
    ],
    [
      'shrinks beside an exit on its way',
      -6,
      { units: 10, leavingUnits: 4 },
      { exit: true, opens: false, before: 10, after: 4 },
    ],
    [
      'sells more than that leaves',
      -7,
      { units: 10, leavingUnits: 4 },
      { exit: false, opens: true, before: 10, after: 10 },
    ],
    [
      'shrinks beside a sale on its way',
      -4,
      { units: 10, pendingUnits: -6 },
      { exit: true, opens: false, before: 10, after: 6 },
    ],
    [
      'sells beside a sale that leaves less',
      -5,
      { units: 10, pendingUnits: -6 },
      { exit: false, opens: true, before: 10, after: -11 },
    ],
    [
      'shrinks beside a purchase on its way',
      -10,
      { units: 10, pendingUnits: 6 },
      { exit: true, opens: false, before: 16, after: 0 },
    ],
    [
      'shrinks a short beside a purchase',
      4,
      { units: -10, pendingUnits: 6 },
      { exit: true, opens: false, before: -10, after: -6 },
    ],
    [
      'buys beside a purchase that leaves less',
      5,
      { units: -10, pendingUnits: 6 },
      { exit: false, opens: true, before: -10, after: 11 },
    ],
  ])('%s', (_, units, own, expected) => {
    expect(seen(units, own)).toEqual({ delta: units, ...expected });
  });

  it('that may only reduce is an exit, whatever is held', () => {
    expect(seen(-30, { units: 10 }, true)).toMatchObject({ exit: true, opens: false });
    expect(seen(-3, {}, true)).toMatchObject({ exit: true, opens: false });
  });

  it('of buys and sells on their way sees the larger side', () => {
    const both = { pendingSides: { buys: 6, sells: 9 }, pendingUnits: -3 };
    expect(seen(2, both)).toMatchObject({ before: -9, after: -9 });
    expect(seen(4, both)).toMatchObject({ before: -9, after: 10 });
    expect(seen(3, both)).toMatchObject({ after: 9 });
  });
});

describe('the other instruments', () => {
  it('are rows where something is held or on its way, and openings where nothing is held yet', () => {
    const book = aBook([
      aView('AUD/USD', { units: 3 }),
      view({}),
      aView('CAD/USD'),
      aView('GBP/USD', { pendingUnits: -4 }),
      aView('NZD/USD', { units: 2, pendingUnits: 4 }),
    ]);
    const { rows, opening } = aCandidate(order(5), book);
    expect(rows.map((row) => [row.view.instrument.id, row.before, row.after])).toEqual([
      ['AUD/USD', 3, 3],
      ['EUR/USD', 0, 5],
      ['GBP/USD', -4, -4],
      ['NZD/USD', 6, 6],
    ]);
    expect(opening).toBe(1);
  });
});

describe('an order that passed', () => {
  const flow = (own: Partial<InstrumentView>, ...all: readonly { units: number; reduceOnly?: boolean }[]) => {
    const one = view(own);
    const projection = new Projection(aBook([one]));
    return all.map(({ units, reduceOnly = false }) => {
      const candidate = projection.candidate(order(units, { reduceOnly }), one);
      projection.count(candidate);
      const { exit, before, after } = candidate;
      return [exit, before, after];
    });
  };

  it('counts as on its way when it may grow the position', () => {
    expect(flow({}, { units: 5 }, { units: 6 }, { units: -20 })).toEqual([
      [false, 0, 5],
      [false, 5, 11],
      [false, 11, -20],
    ]);
    expect(flow({}, { units: -5 }, { units: -6 }, { units: 1 })).toEqual([
      [false, 0, -5],
      [false, -5, -11],
      [false, -11, -11],
    ]);
  });

  it('counts as filled when it is an exit, and takes no more than there is', () => {
    expect(flow({ units: 10 }, { units: -4 }, { units: -6 }, { units: -1 })).toEqual([
      [true, 10, 6],
      [true, 6, 0],
      [false, 0, -1],
    ]);
    expect(flow({ units: -10 }, { units: 30, reduceOnly: true }, { units: 1 })).toEqual([
      [true, -10, 20],
      [false, 0, 1],
    ]);
    expect(flow({ units: 10, pendingUnits: 3 }, { units: -10 }, { units: 1 })).toEqual([
      [true, 13, 0],
      [false, 3, 4],
    ]);
  });

  it('stands in the list of the earlier ones', () => {
    const one = view({});
    const projection = new Projection(aBook([one]));
    const first = projection.candidate(order(5), one);
    expect(first.earlier).toEqual([]);
    projection.count(first);
    expect(projection.candidate(order(6), one).earlier).toEqual([first.intent]);
  });
});
