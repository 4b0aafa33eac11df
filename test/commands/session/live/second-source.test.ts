import { afterEach, describe, expect, it } from 'vitest';
import { startStandIn } from '../../../../src/commands/drill/stand-in.js';
import { openVenueWithKeys } from '../../../../src/commands/runtime/venues.js';
import { SecondSource } from '../../../../src/commands/session/live/market/second-source.js';
import { seededRng } from '../../../../src/core/base/rng.js';
import { instrumentId } from '../../../../src/core/model/ids.js';
import { instrumentOf } from '../../../../src/core/model/instruments.js';
import { LastGood } from '../../../../src/feeds/live/last-good.js';
import { ScriptedFeed, START } from '../../../feeds/live/scripted-feed.js';
import { liveInside } from '../../../helpers/live-inside.js';
import { ACCOUNT } from '../../../helpers/oanda-sandbox.js';

const EUR_USD = instrumentId('EUR/USD');
const SYMBOLS = ['EUR/USD', 'GBP/USD'];
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A broker's quotes and a vendor's, in time that is moved by hand. */
function scene(limitBps: number | null = 50) {
  let now = START;
  const vendor = new ScriptedFeed('tiingo');
  const quotes = new LastGood();
  const stopwatch = { mono: () => now - START };
  const second = new SecondSource({
    second: { feed: vendor.feed, dayEnd: 'utc', requestMs: 0 },
    broker: 'oanda',
    quoting: {
      quoteOf: (id) => {
        const quote = quotes.of(id);
        return quote && { quote, ageMs: stopwatch.mono() - quote.receivedMono };
      },
    },
    instruments: SYMBOLS.map((symbol) => instrumentOf(symbol, {}, 'USD')),
    timeframeMs: 60_000,
    limitBps,
    clock: { now: () => now, observe: () => undefined },
    stopwatch,
    wait: () => new Promise((done) => setImmediate(done)),
    rng: seededRng('second'),
  });
  const stop = new AbortController();
  const following = second.follow(stop.signal);
  open.push({
    close: () => {
      stop.abort();
      return following;
    },
  });
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  };
  return {
    second,
    vendor,
    turns,
    /** What the broker and the vendor tell, and a moment after. */
    async tell(broker: number, other: number | undefined, passedMs = 1_000) {
      await turns();
      now += passedMs;
      quotes.hear(
        { kind: 'quote', instrument: EUR_USD, ts: now, bid: broker, ask: broker + 0.0001, tradeable: true },
        now - START,
      );
      if (other !== undefined) vendor.quote('EUR/USD', now, other, other + 0.0001);
      await turns();
      return second.tick();
    },
  };
}

describe('a second source', () => {
  it('that agrees stops nothing', async () => {
    const { tell, second } = scene();
    await tell(1.1, 1.1001);
    expect(second.stops(EUR_USD)).toBeUndefined();
  });

  it.each([
    ['within the limit and half of both spreads', 1.1, 1.1055, undefined],
    ['beyond it', 1.1, 1.108, "tiingo tells a price of EUR/USD that is 72.2 bps from oanda's, limit is 50 bps"],
    ['beyond it, below', 1.1, 1.09, "tiingo tells a price of EUR/USD that is 91.7 bps from oanda's, limit is 50 bps"],
  ])('%s', async (_, broker, other, why) => {
    const { tell, second } = scene();
    await tell(broker, other);
    expect(second.stops(EUR_USD)).toBe(why);
    expect(second.stops(instrumentId('GBP/USD'))).toBeUndefined();
  });

  it('stops nothing where no limit is set, or its last word is old', async () => {
    const free = scene(null);
    expect(await free.tell(1.1, 1.2)).toEqual([]);
    expect(free.second.stops(EUR_USD)).toBeUndefined();

    const old = scene();
    await old.tell(1.1, 1.2);
    expect(old.second.stops(EUR_USD)).toBeDefined();
    await old.tell(1.1, undefined, 10_001);
    expect(old.second.stops(EUR_USD)).toBeUndefined();
  });

  it('that disagrees is told once, and once when it agrees again', async () => {
    const { tell } = scene();
    const told = [];
    for (let i = 0; i < 6; i++) told.push(...(await tell(1.1, 1.12)));
    for (let i = 0; i < 12; i++) told.push(...(await tell(1.1, 1.1)));
    expect(told.map(({ feed, state }) => `${feed} ${state}`)).toEqual([
      'oanda against tiingo disagree',
      'oanda against tiingo back',
    ]);
    expect(told[0]).toMatchObject({ instruments: ['EUR/USD'] });
  });

  it('that is away is told once, stops nothing, and is told when it is back', async () => {
    const { tell, vendor, second } = scene();
    const told = [...(await tell(1.1, 1.1))];
    vendor.isDown = true;
    vendor.cut();
    for (let i = 0; i < 15; i++) told.push(...(await tell(1.1, undefined)));
    expect(second.stops(EUR_USD)).toBeUndefined();
    vendor.isDown = false;
    for (let i = 0; i < 15; i++) told.push(...(await tell(1.1, 1.1)));
    expect(told.map(({ feed, state, to }) => [feed, state, to])).toEqual([
      ['tiingo', 'stale', 'oanda'],
      ['tiingo', 'back', undefined],
    ]);
  });
});

describe('a live session with a second source', () => {
  it('opens nothing where the two disagree, says which, and closes all the same', async () => {
    const live = await liveInside();
    open.push(live);
    const away = await startStandIn({
      clock: live.clock,
      seed: 'away',
      faults: { rules: [], events: [] },
      port: 0,
      account: ACCOUNT,
    });
    open.push(away);
    const feed = await openVenueWithKeys('oanda', { home: live.home, cwd: live.home, env: away.exports }, live.clock);
    open.push(feed);
    const second = { feed, dayEnd: 'new-york', requestMs: 0 } as const;

    const { code } = await live.once({ second });

    expect(code).toBeUndefined();
    expect(live.standIn.truth().positions).toEqual([]);
    expect(
      live
        .journal()
        .filter(({ type }) => type === 'abandoned')
        .map(({ reason }) => reason),
    ).toEqual([
      expect.stringMatching(/^oanda tells a price of EUR\/USD that is .* bps from oanda's, limit is \d+ bps$/),
    ]);
    // Without the second opinion the same book trades.
    live.pass(60_000);
    expect((await live.once()).code).toBeUndefined();
    expect(live.standIn.truth().positions).toHaveLength(1);
  });
});
