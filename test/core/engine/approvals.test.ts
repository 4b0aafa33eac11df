import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSealed } from '../../../src/core/approvals/request.js';
import type { Effect } from '../../../src/core/engine/effect.js';
import type { ApprovalParts, HaltState } from '../../../src/core/engine/parts.js';
import type { EngineEvent } from '../../../src/core/model/event.js';
import { orderId } from '../../../src/core/model/ids.js';
import { noLimits } from '../../../src/core/risk/presets.js';
import type { RiskLimits } from '../../../src/core/risk/rule.js';
import type { Wishes } from '../../../src/core/strategies/strategy.js';
import { aBar, askingEngine, PAPER } from '../../helpers/asking-engine.js';
import { play } from '../../helpers/scenario.js';

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 3, 10);
const ASKING: ApprovalParts = {
  timeoutMs: 30 * MINUTE,
  bandBps: 50,
  account: 'paper-default',
  configHash: 'c'.repeat(64),
  broker: 'sim',
  markup: 0,
};
const buy = (units = 100, more: object = {}): Wishes =>
  ({ kind: 'order', instrument: PAPER.id, side: 'buy', units, reason: 'why not', ...more }) as Wishes;

const kinds = (effects: readonly Effect[]) => effects.map(({ kind }) => kind);

const bar = (minute: number, close = 100) => aBar(START + minute * MINUTE, close);
const tick = (minute: number): EngineEvent => ({ kind: 'tick', ts: START + minute * MINUTE });
const yes = (minute: number, id = 'o-1', at = minute): EngineEvent => ({
  kind: 'approved',
  ts: START + minute * MINUTE,
  orderId: orderId(id),
  who: 'ann',
  at: START + at * MINUTE,
});
const no = (minute: number, id = 'o-1'): EngineEvent => ({
  kind: 'declined',
  ts: START + minute * MINUTE,
  orderId: orderId(id),
  who: 'ann',
  reason: 'no news',
});

interface Setup {
  readonly wishes?: (slice: number) => Wishes;
  readonly limits?: RiskLimits;
  readonly halted?: () => HaltState;
  readonly approval?: Partial<ApprovalParts>;
}

const once = (slice: number) => (slice === 0 ? buy() : []);
const engineThat = ({ wishes = once, limits = noLimits, halted, approval = {} }: Setup = {}) =>
  askingEngine({ wishes, limits, halted, approval: { ...ASKING, ...approval } });

describe('an entry where a person is asked', () => {
  it('is parked: counted as pending, and not sent', () => {
    const { step, engine } = engineThat();
    const effects = step(bar(0));
    expect(kinds(effects)).toEqual(['decided', 'ask']);
    expect(engine.orders.pendingUnits(PAPER.id)).toBe(100);
    expect([...engine.waiting].map((request) => [request.id, isSealed(request)])).toEqual([['o-1', true]]);
  });

  it('is asked for once: a target that waits is not wished for again', () => {
    const { step, engine } = engineThat({
      wishes: () => ({ kind: 'target', instrument: PAPER.id, weight: 0.5, reason: 'half' }),
    });
    for (let minute = 0; minute < 5; minute++) step(bar(minute));
    expect([...engine.waiting]).toHaveLength(1);
  });

  it.each`
    what                                     | events                                    | ends
    ${'a yes in time'}                       | ${[yes(5)]}                               | ${'submit'}
    ${'a yes after a bar of the same price'} | ${[bar(4), yes(5)]}                       | ${'submit'}
    ${'a yes at the last moment'}            | ${[yes(29.99)]}                           | ${'submit'}
    ${'a yes that is heard a moment late'}   | ${[yes(30.1, 'o-1', 29.99)]}              | ${'submit'}
    ${'a yes at the deadline'}               | ${[yes(30)]}                              | ${'withdrawn'}
    ${'a yes that is heard much later'}      | ${[yes(40, 'o-1', 20)]}                   | ${'withdrawn'}
    ${'a no'}                                | ${[no(5)]}                                | ${'refused'}
    ${'silence, by the clock'}               | ${[tick(29.9), tick(30)]}                 | ${'withdrawn'}
    ${'silence, by the bars'}                | ${[bar(29), bar(30)]}                     | ${'withdrawn'}
    ${'a yes after the price went too far'}  | ${[bar(4, 100.6), yes(5)]}                | ${'refused'}
    ${'a yes after it came back'}            | ${[bar(3, 100.6), bar(4, 100.4), yes(5)]} | ${'submit'}
    ${'a yes for another order'}             | ${[yes(5, 'o-7')]}                        | ${undefined}
    ${'a yes and a no'}                      | ${[yes(5), no(6)]}                        | ${'submit'}
    ${'a no and a yes'}                      | ${[no(5), yes(6)]}                        | ${'refused'}
    ${'two yeses'}                           | ${[yes(5), yes(6)]}                       | ${'submit'}
    ${'a deadline and a yes'}                | ${[tick(30), yes(31)]}                    | ${'withdrawn'}
  `('$what ends it as $ends, once', ({ events, ends }) => {
    const { step, orders } = engineThat();
    step(bar(0));
    const effects = (events as EngineEvent[]).flatMap((event) => [...step(event)]);
    expect(kinds(effects)).toEqual(ends === undefined ? [] : [ends]);
    const status = { submit: [], refused: ['refused'], withdrawn: ['expired'] }[ends as 'submit'] ?? [];
    expect(orders.map((order) => order.status)).toEqual(status);
  });

  it('names the band when the price went too far', () => {
    const { step } = engineThat();
    step(bar(0));
    step(bar(4, 101));
    expect(step(yes(5))).toMatchObject([
      { kind: 'refused', failures: [{ limit: 'approval.band', max: 50, unit: 'bps of price' }] },
    ]);
  });

  it('takes the price that the session saw for today’s', () => {
    const { step } = engineThat();
    step(bar(0));
    const event = { ...yes(5), seen: { price: 101, ageMs: 0 } } as EngineEvent;
    expect(step(event)).toMatchObject([{ kind: 'refused', failures: [{ limit: 'approval.band' }] }]);
  });

  it('passes the gate again, and is not counted itself', () => {
    const limits = { ...noLimits, maxPositionBps: 1000 };
    const fits = engineThat({ limits });
    fits.step(bar(0));
    expect(kinds(fits.step(yes(5)))).toEqual(['submit']);
    const grown = engineThat({ limits });
    grown.step(bar(0));
    grown.step(bar(4, 100.4));
    expect(grown.step(yes(5))).toMatchObject([{ kind: 'refused', failures: [{ limit: 'maxPositionBps' }] }]);
  });

  it('is refused by a halt that was set since', () => {
    let isHalted = false;
    const halted = () => ({ entries: isHalted, everything: isHalted, reason: 'drill' });
    const { step } = engineThat({ halted });
    step(bar(0));
    isHalted = true;
    expect(step(yes(5))).toMatchObject([{ kind: 'refused', failures: [{ limit: 'halted' }, { limit: 'halted' }] }]);
  });

  it.each`
    what                  | event
    ${'at the next tick'} | ${tick(5)}
    ${'at the next bar'}  | ${bar(5)}
  `('is taken back by a halt $what, and the venue hears nothing of it', ({ event }) => {
    let isHalted = false;
    const halted = () => ({ entries: isHalted, everything: false, reason: 'drill' });
    const { step, orders } = engineThat({ halted });
    step(bar(0));
    isHalted = true;
    expect(kinds(step(event))).toEqual(['withdrawn']);
    expect(orders.map((order) => order.status)).toEqual(['cancelled']);
    expect(step(yes(6))).toEqual([]);
  });

  it('is taken back when the strategy cancels it', () => {
    const wishes = (slice: number): Wishes =>
      slice === 0 ? buy() : { kind: 'cancel', instrument: PAPER.id, reason: 'changed my mind' };
    const { step } = engineThat({ wishes });
    step(bar(0));
    expect(kinds(step(bar(1)))).toEqual(['withdrawn', 'decided']);
  });

  it('may wait longer than an order may work: its time begins when it is sent', () => {
    const limits = { ...noLimits, orderTimeoutMs: 10 * MINUTE };
    const { step } = engineThat({ limits });
    step(bar(0));
    expect(step(bar(20))).toEqual([]);
    expect(kinds(step(yes(25)))).toEqual(['submit']);
    expect(step(bar(30))).toEqual([]);
    expect(kinds(step(bar(35)))).toEqual(['cancel']);
  });

  it('knows its usual size after the first, and how far above it this one is', () => {
    const sizes = [100, 300, 200, 1200];
    const { step, engine } = engineThat({ wishes: (slice) => (slice < sizes.length ? buy(sizes[slice]) : []) });
    const asked: unknown[] = [];
    for (const place of sizes.keys()) {
      step(bar(place));
      const [request] = engine.waiting;
      asked.push([request?.usualUnits, request?.multiple]);
      step(yes(place + 0.5, `o-${place + 1}`));
    }
    expect(asked).toEqual([
      [null, null],
      [100, 3],
      [200, 1],
      [200, 6],
    ]);
  });

  it('survives being saved and loaded', () => {
    const before = engineThat();
    before.step(bar(0));
    const state = JSON.parse(JSON.stringify(before.engine.save()));
    const after = engineThat({ wishes: () => [] });
    after.engine.load(state, []);
    expect([...after.engine.waiting]).toEqual([...before.engine.waiting]);
    expect(kinds(after.step(yes(5)))).toEqual(['submit']);
  });

  it('draws a marketable limit in to today’s collar, and never out', () => {
    const limits = { ...noLimits, priceCollarBps: 50, useLimitOrders: true };
    const wishes = (slice: number): Wishes =>
      slice === 0 ? { kind: 'target', instrument: PAPER.id, weight: 0.1, reason: 'some' } : [];
    const priceAfter = (close: number) => {
      const { step } = engineThat({ limits, wishes });
      step(bar(0));
      step(bar(1, close));
      const [effect] = step(yes(5));
      return effect?.kind === 'submit' ? effect.order.intent.price : effect;
    };
    expect([priceAfter(100), priceAfter(99.8), priceAfter(100.2)]).toEqual([100.5, 100.29, 100.5]);
  });
});

describe('a size that was cut to a limit before a person was asked', () => {
  const limits = { ...noLimits, maxPositionBps: 1_000 };
  const unitsAt = (close: number, bandBps = 50) => {
    const wishes = (slice: number): Wishes =>
      slice === 0 ? { kind: 'target', instrument: PAPER.id, weight: 0.2, reason: 'some' } : [];
    const { step } = engineThat({ limits, wishes, approval: { bandBps } });
    step(bar(0));
    step(bar(1, close));
    const [effect] = step(yes(5));
    return effect?.kind === 'submit' ? effect.order.intent.units : effect?.kind;
  };

  it.each([
    ['the price stayed', 100, 100],
    ['the price fell', 99.8, 100],
    ['the price rose a little: a lot less, and no refusal', 100.3, 99],
    ['the price rose by the band', 100.5, 99],
    ['the price rose by more than the band', 100.6, 'refused'],
  ])('shrinks to it at the yes, never grows: %s', (_, close, units) => {
    expect(unitsAt(close)).toBe(units);
  });

  it('is refused where the limit leaves less than the band: something else has changed', () => {
    expect(unitsAt(100.5, 20)).toBe('refused');
  });
});

describe('what is not asked for', () => {
  it('an exit leaves at once, whether it says so or only shrinks the position', async () => {
    const wishes = (slice: number): Wishes => {
      if (slice === 2)
        return { kind: 'order', instrument: PAPER.id, side: 'sell', units: 40, reason: 'less' } as Wishes;
      if (slice === 4) return { kind: 'target', instrument: PAPER.id, weight: 0, reason: 'out' };
      return [];
    };
    const { step, fill } = engineThat({ wishes: (slice) => (slice === 0 ? buy() : wishes(slice)) });
    step(bar(0));
    step(yes(0.5));
    fill('o-1', 100);
    step(bar(1));
    expect(kinds(step(bar(2)))).toEqual(['decided', 'submit']);
    fill('o-2', 40, 'sell');
    step(bar(3));
    expect(kinds(step(bar(4)))).toEqual(['decided', 'submit']);
  });

  it('an order that turns the position around is asked for', () => {
    const wishes = (slice: number): Wishes => {
      if (slice === 0) return buy();
      return slice === 1
        ? ({ kind: 'order', instrument: PAPER.id, side: 'sell', units: 150, reason: 'turn' } as Wishes)
        : [];
    };
    const { step, fill } = engineThat({ wishes });
    step(bar(0));
    step(yes(0.5));
    fill('o-1', 100);
    expect(kinds(step(bar(1)))).toEqual(['decided', 'ask']);
  });

  it('two exits of one batch that would turn the position around: the second is asked for', () => {
    const sell = (units: number) => ({ kind: 'order', instrument: PAPER.id, side: 'sell', units, reason: 'out' });
    const wishes = (slice: number): Wishes =>
      slice === 0 ? buy() : slice === 1 ? ([sell(80), sell(90)] as unknown as Wishes) : [];
    const { step, fill } = engineThat({ wishes });
    step(bar(0));
    step(yes(0.5));
    fill('o-1', 100);
    expect(kinds(step(bar(1))).filter((kind) => kind !== 'decided')).toEqual(['submit', 'ask']);
  });

  it('a backtest asks nobody', async () => {
    const { effects, orders } = await play({
      bars: { XYZ: Array.from({ length: 3 }, () => [100, 100, 100, 100] as const) },
      strategy: (slice) => (slice === 0 ? buy() : []),
    });
    expect([effects.some(({ kind }) => kind === 'ask'), orders[0]?.status]).toEqual([false, 'filled']);
  });
});

describe('whatever happens', () => {
  const event = fc.oneof(
    fc.record({ what: fc.constant('bar' as const), close: fc.integer({ min: 9_900, max: 10_100 }) }),
    fc.record({ what: fc.constant('tick' as const) }),
    fc.record({
      what: fc.constant('yes' as const),
      order: fc.integer({ min: 1, max: 6 }),
      late: fc.integer({ min: 0, max: 40 }),
    }),
    fc.record({ what: fc.constant('no' as const), order: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ what: fc.constant('halt' as const), on: fc.boolean() }),
  );

  it('no order leaves without a yes, none after its deadline or while halted, and each ends once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.integer({ min: 0, max: 12 })), { maxLength: 60 }), (script) => {
        let isHalted = false;
        const halted = () => ({ entries: isHalted, everything: false, reason: 'drill' });
        const { step, engine } = engineThat({ halted, wishes: (slice) => (slice % 3 === 0 ? buy(100 + slice) : []) });
        const ended = new Map<string, string>();
        const deadlines = new Map<string, number>();
        let now = 0;
        for (const [one, wait] of script) {
          now += wait;
          const told = eventOf(one, now);
          if (one.what === 'halt') isHalted = one.on;
          for (const effect of step(told)) {
            if (effect.kind === 'ask') deadlines.set(effect.request.id, effect.request.expiresAt);
            const id = effect.kind === 'submit' ? effect.order.id : 'orderId' in effect ? effect.orderId : undefined;
            if (id === undefined) continue;
            const wasAsked = deadlines.has(id);
            if (effect.kind === 'submit') {
              expect([wasAsked, told.kind, isHalted]).toEqual([true, 'approved', false]);
              expect((told as { at: number }).at).toBeLessThan(deadlines.get(id) ?? 0);
              expect(told.ts).toBeLessThan((deadlines.get(id) ?? 0) + 10_000);
            }
            // What was sent may be cancelled at the venue later, as any order.
            if (effect.kind !== 'cancel' && wasAsked) {
              expect(ended.get(id)).toBeUndefined();
              ended.set(id, effect.kind);
            } else if (effect.kind === 'cancel') expect(ended.get(id)).toBe('submit');
          }
        }
        const waiting = [...engine.waiting].map(({ id }) => id as string);
        for (const id of deadlines.keys()) expect(waiting.includes(id)).toBe(!ended.has(id));
      }),
      { numRuns: 300 },
    );
  });

  function eventOf(one: { what: string; close?: number; order?: number; late?: number }, minute: number): EngineEvent {
    switch (one.what) {
      case 'bar':
        return bar(minute, (one.close ?? 0) / 100);
      case 'yes':
        return yes(minute, `o-${one.order}`, minute - (one.late ?? 0) / 60);
      case 'no':
        return no(minute, `o-${one.order}`);
      default:
        return tick(minute);
    }
  }
});
