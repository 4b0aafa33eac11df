import { describe, expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import { barAt, MINUTE, Scene, ScriptedFeed, START } from './scripted-feed.js';

const EURO = instrumentId('EUR/USD');
const minutes = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i + 1);
const vendorBars = (count: number, price?: number) =>
  Array.from({ length: count }, (_, i) => barAt(START + (i + 1) * MINUTE, price));
const unreachable = new FxError('FEED.UNREACHABLE', { message: 'no answer', next: 'wait', retryable: true });

describe('a stream that is heard all the time', () => {
  it('makes a bar a minute with both sides, and asks nobody for more', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main);
    await scene.play(300, (now, second) => main.quote('EUR/USD', now, 1.1 + second / 1e5));
    // The first minute began a second before the stream was heard: its bar is asked for, and this vendor has none.
    expect(scene.minutes()).toEqual(minutes(0, 5));
    expect(scene.marks()).toEqual(['1 partial']);
    const [, , bar] = scene.closed.flatMap(({ bars }) => bars[0] ?? []);
    expect(bar?.ts).toBe(START + 3 * MINUTE);
    expect([bar?.bid?.[0], bar?.bid?.[3], bar?.volume]).toEqual([1.1 + 119 / 1e5, 1.1 + 178 / 1e5, 60]);
    expect(scene.news).toEqual([]);
  });

  it('loses no bar of an instrument when a quote of another ends the period before the next look', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main, { symbols: ['EUR/USD', 'USD/JPY'] });
    main.bars = { 'EUR/USD': vendorBars(1), 'USD/JPY': vendorBars(1, 150) };
    await scene.play(430, (now, second) => {
      // The first quote of a minute comes a second after it began.
      if (second % 5 !== 0) return;
      main.quote('EUR/USD', now, 1.1);
      main.quote('USD/JPY', now, 150, 150.02);
    });
    expect([scene.minutes(0), scene.minutes(1)]).toEqual([minutes(0, 7), minutes(0, 7)]);
    expect(main.asked.length).toBe(2);
  });
});

describe('a connection that is cut', () => {
  it('leaves bars to be filled from the vendor, each once, marked, and is told once', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main);
    main.bars = { 'EUR/USD': vendorBars(20) };
    await scene.play(10 * 60, (now, second) => {
      if (second === 250) {
        main.isDown = true;
        main.failure = unreachable;
        main.cut();
      }
      if (second === 400) {
        main.isDown = false;
        main.failure = undefined;
      }
      main.quote('EUR/USD', now, 1.1);
    });
    expect(scene.minutes()).toEqual(minutes(0, 10));
    expect(scene.marks().slice(0, 4)).toEqual(['1 bars', '5 bars', '6 bars', '7 bars']);
    expect(scene.states()).toEqual(['main stale', 'main back']);
    expect(main.connections).toBeLessThan(12);
  });

  it('that stays open without a word is given up and made again', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main);
    main.bars = { 'EUR/USD': vendorBars(20) };
    await scene.play(300, (now, second) => {
      if (second % 5 === 0 && (second < 100 || second > 200)) main.say({ kind: 'heartbeat', ts: now });
      if (second < 100 || second > 200) main.quote('EUR/USD', now, 1.1);
    });
    // Silence is noticed after 15 s, and each new connection is silent too until the vendor speaks again.
    expect(main.connections).toBeGreaterThan(2);
    expect(scene.states()).toEqual(['main stale', 'main back']);
    expect(scene.minutes()).toEqual(minutes(0, 5));
  });

  it('a bar that the vendor makes late is waited for: an answer of right after the close does not say that there is none', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main);
    main.bars = { 'EUR/USD': vendorBars(1) };
    await scene.play(420, (now, second) => {
      if (second === 200) main.cut();
      if (second === 285) main.bars = { 'EUR/USD': vendorBars(4) };
      main.quote('EUR/USD', now, 1.1);
    });
    expect(scene.marks()).toEqual(['1 bars', '4 bars']);
    expect(scene.minutes()).toEqual(minutes(0, 7));
  });

  it('fills only what was not heard: a bar that was heard whole keeps its sides', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main);
    main.bars = { 'EUR/USD': vendorBars(1) };
    await scene.play(480, (now, second) => {
      if (second === 200) {
        main.cut();
        main.failure = unreachable;
      }
      if (second === 385) {
        main.failure = undefined;
        main.bars = { 'EUR/USD': vendorBars(20) };
      }
      main.quote('EUR/USD', now, 1.1);
    });
    expect(scene.minutes()).toEqual(minutes(0, 8));
    expect(scene.marks()).toEqual(['1 bars', '4 bars']);
  });

  it('where the vendor has no bars, a bar is made of what was heard and says so', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main);
    await scene.play(420, (now, second) => {
      if (second === 200) main.cut();
      main.quote('EUR/USD', now, 1.1);
    });
    expect(scene.marks()).toEqual(['1 partial', '4 partial']);
    expect(scene.minutes()).toEqual(minutes(0, 7));
  });
});

describe('quotes that are no prices', () => {
  it.each`
    given                         | disturb
    ${'crossed'}                  | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now, 1.2, 1.1)}
    ${'zero'}                     | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now, 0, 0.1)}
    ${'negative'}                 | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now, -1.1, 1.1)}
    ${'not a number'}             | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now, Number.NaN)}
    ${'of the wrong scale'}       | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now, 11_000)}
    ${'a spike'}                  | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now, 0.77)}
    ${'old ones that come late'}  | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now - 5_000, 1.05)}
    ${'from the future'}          | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now + 3_600_000, 1.1)}
    ${'of another instrument'}    | ${(main: ScriptedFeed, now: number) => main.quote('USD/JPY', now, 150)}
    ${'of a market that is shut'} | ${(main: ScriptedFeed, now: number) => main.quote('EUR/USD', now, 1.3, 1.4, false)}
  `('$given reach no bar and no decision', async ({ disturb }) => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main);
    main.bars = { 'EUR/USD': vendorBars(1) };
    await scene.play(250, (now, second) => {
      main.quote('EUR/USD', now, 1.1);
      if (second % 7 === 6) disturb(main, now);
    });
    const bars = scene.closed.flatMap(({ bars: [list = []] }) => list).slice(1);
    expect(scene.minutes()).toEqual([1, 2, 3, 4]);
    for (const { bid, ask } of bars) expect([bid, ask]).toEqual([Array(4).fill(1.1), Array(4).fill(1.1 + 0.0002)]);
    expect(scene.prices.newest(EURO)?.quote.bid).toBe(1.1);
  });

  it('a jump that stays is real: it counts from the third quote on', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main);
    main.bars = { 'EUR/USD': vendorBars(1) };
    await scene.play(130, (now, second) => main.quote('EUR/USD', now, second < 90 ? 1.2 : 1.0));
    const bar = scene.closed.flatMap(({ bars: [list = []] }) => list).at(-1);
    expect(bar?.bid).toEqual([1.2, 1.2, 1.0, 1.0]);
    expect(scene.prices.counts()['spikes']).toBe(2);
  });
});

describe('one subscription that is silent while others are quoted', () => {
  it('is told once with its name, its bars are filled, and once when it is back', async () => {
    const main = new ScriptedFeed('main');
    const scene = new Scene(main, { symbols: ['EUR/USD', 'USD/JPY'] });
    main.bars = { 'EUR/USD': vendorBars(20), 'USD/JPY': vendorBars(20, 150) };
    await scene.play(600, (now, second) => {
      main.quote('EUR/USD', now, 1.1);
      if (second < 150 || second > 400) main.quote('USD/JPY', now, 150, 150.02);
    });
    expect(scene.states()).toEqual(['main stale', 'main back']);
    expect(scene.news[0]?.instruments).toEqual(['USD/JPY']);
    expect([scene.minutes(0), scene.minutes(1)]).toEqual([minutes(0, 10), minutes(0, 10)]);
    expect(main.connections).toBe(1);
  });

  it('is no news while the market is closed', async () => {
    const main = new ScriptedFeed('main');
    // Friday 2026-01-09 21:55 UTC: New York closes five minutes later.
    const scene = new Scene(main, { from: Date.UTC(2026, 0, 9, 21, 55) });
    await scene.play(3_600, (now) => {
      if (now < Date.UTC(2026, 0, 9, 22)) main.quote('EUR/USD', now, 1.1);
      else main.say({ kind: 'heartbeat', ts: now });
    });
    expect(scene.news).toEqual([]);
  });
});

describe('two vendors', () => {
  it('the second serves while the first is away, and both changes are told once', async () => {
    const main = new ScriptedFeed('main');
    const fallback = new ScriptedFeed('second');
    const scene = new Scene(main, { fallback });
    main.bars = { 'EUR/USD': vendorBars(20) };
    await scene.play(600, (now, second) => {
      if (second === 130) {
        main.isDown = true;
        main.failure = unreachable;
        main.cut();
      }
      if (second === 400) {
        main.isDown = false;
        main.failure = undefined;
      }
      main.quote('EUR/USD', now, 1.1);
      fallback.quote('EUR/USD', now, 1.1001);
      if (second === 250) expect(scene.prices.newest(EURO)?.quote.bid).toBe(1.1001);
    });
    expect(scene.states()).toEqual(['main failed-over to second', 'main back']);
    expect(scene.minutes()).toEqual(minutes(0, 10));
    expect(scene.marks().filter((mark) => mark.endsWith('fallback'))).toEqual(
      expect.arrayContaining(['3 fallback', '4 fallback', '5 fallback']),
    );
  });

  it('the second never serves bars that end at other times than those of the first', async () => {
    const main = new ScriptedFeed('main');
    const fallback = new ScriptedFeed('second');
    const four = 240 * MINUTE;
    // New York's bars of four hours end at 10:00 and 14:00 UTC in winter, those of UTC at 12:00.
    const scene = new Scene(main, { fallback, timeframeMs: four, dayEnd: 'new-york' });
    main.failure = unreachable;
    fallback.bars = { 'EUR/USD': [barAt(START + 120 * MINUTE)] };
    await scene.play(15_120, (now, second) => {
      if (second === 60) {
        main.isDown = true;
        main.cut();
      }
      if (second === 14_760) {
        main.failure = undefined;
        main.bars = { 'EUR/USD': [barAt(START + four)] };
      }
      main.quote('EUR/USD', now, 1.1);
      fallback.quote('EUR/USD', now, 1.1);
    });
    expect([scene.minutes(), scene.marks()]).toEqual([[240], ['240 bars']]);
  });

  it('that disagree are told once, and the other price is there to be compared with', async () => {
    const main = new ScriptedFeed('main');
    const fallback = new ScriptedFeed('second');
    const scene = new Scene(main, { fallback });
    const seen: (number | undefined)[] = [];
    await scene.play(120, (now, second) => {
      main.quote('EUR/USD', now, 1.1);
      fallback.quote('EUR/USD', now, second > 40 && second < 80 ? 1.12 : 1.1);
      if (second === 60 || second === 110) seen.push(scene.prices.newest(EURO)?.second);
    });
    expect(scene.states()).toEqual(['main against second disagree', 'main against second back']);
    expect(seen).toEqual([1.12 + 0.0001, 1.1 + 0.0001]);
  });
});

describe('a vendor without a stream', () => {
  it('is asked once when a bar has closed, and again a few times while it is late', async () => {
    const main = new ScriptedFeed('main', false);
    const scene = new Scene(main);
    const all = vendorBars(30);
    await scene.play(600, (now) => {
      main.bars = { 'EUR/USD': all.filter(({ ts }) => ts <= now) };
    });
    expect(scene.minutes()).toEqual(minutes(0, 9));
    expect(main.asked.length).toBe(9);
    expect(scene.news).toEqual([]);
  });

  it('whose bars come a quarter of an hour late loses none, and is told stale once', async () => {
    const main = new ScriptedFeed('main', false);
    const scene = new Scene(main);
    const all = vendorBars(60);
    await scene.play(1_800, (now) => {
      main.bars = { 'EUR/USD': all.filter(({ ts }) => ts <= now - 15 * MINUTE) };
    });
    expect(scene.minutes()).toEqual(minutes(0, scene.minutes().length));
    expect(scene.minutes().length).toBeGreaterThanOrEqual(13);
    expect(scene.states()).toEqual(['main stale']);
    expect(main.asked.length).toBeLessThan(30 * 4);
  });

  it('whose plan has no stream is polled instead, which is told once and is no trouble', async () => {
    const main = new ScriptedFeed('main');
    main.refusal = new FxError('FEED.PLAN', { message: 'your plan has no stream', next: 'upgrade' });
    const scene = new Scene(main);
    const all = vendorBars(30);
    await scene.play(900, (now) => {
      main.bars = { 'EUR/USD': all.filter(({ ts }) => ts <= now) };
    });
    expect(scene.minutes()).toEqual(minutes(0, 14));
    expect(scene.states()).toEqual(['main polled']);
    expect(main.connections).toBeLessThan(40);
  });

  it('that is away for an hour is asked now and then, and nothing is missing afterwards', async () => {
    const main = new ScriptedFeed('main', false);
    const scene = new Scene(main);
    const all = vendorBars(120);
    await scene.play(4_800, (now, second) => {
      main.failure = second > 300 && second < 3_900 ? unreachable : undefined;
      main.bars = { 'EUR/USD': all.filter(({ ts }) => ts <= now) };
    });
    expect(scene.minutes()).toEqual(minutes(0, 79));
    expect(scene.states()).toEqual(['main stale', 'main back']);
    expect(main.asked.length).toBeLessThan(20 + 65 + 10);
  });

  it('that does not have one of two instruments goes on without it after a minute', async () => {
    const main = new ScriptedFeed('main', false);
    const scene = new Scene(main, { symbols: ['EUR/USD', 'USD/JPY'] });
    const all = vendorBars(30);
    await scene.play(600, (now) => {
      const there = all.filter(({ ts }) => ts <= now);
      main.bars = { 'EUR/USD': there, 'USD/JPY': there.filter(({ ts }) => ts !== START + 5 * MINUTE) };
    });
    expect(scene.minutes(0)).toEqual(minutes(0, 9));
    expect(scene.minutes(1)).toEqual(minutes(0, 9).filter((minute) => minute !== 5));
  });
});
