import { afterEach, expect, it } from 'vitest';
import { openFeeds } from '../../../../src/commands/session/feed/open-feeds.js';
import { instrumentId } from '../../../../src/core/model/ids.js';
import { systemClock } from '../../../../src/core/ports/clock.js';
import { newHome } from '../../../helpers/paper-session.js';
import { KEY, polygonStandIn } from '../../../helpers/vendors/keyed.js';
import { polygonProtocol, streamOn } from '../../../helpers/vendors/streams.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

it('what a stream said that is no quote is counted and told once, when the session is over', async () => {
  const vendor = await polygonStandIn();
  closers.push(() => vendor.close());
  const stand = streamOn(vendor.server, polygonProtocol);
  const [home, stop, notes] = [newHome(), new AbortController(), [] as string[]];
  const env = { POLYGON_API_KEY: KEY, POLYGON_BASE_URL: vendor.url, TIINGO_API_KEY: KEY };
  const feeds = await openFeeds('polygon', 'tiingo', {
    ...{ home, cwd: home, env, clock: systemClock(), signal: stop.signal },
    note: (text) => notes.push(text),
  });
  const told = { id: 'EUR/USD', ts: Date.UTC(2026, 0, 7, 15) };
  const heard: number[] = [];
  for await (const said of feeds.main.feed.quotes?.([instrumentId('EUR/USD')], stop.signal) ?? []) {
    if (said.kind === 'heartbeat' && heard.length === 0) {
      stand.send('{');
      for (const bid of [1.2, 1.3, 1]) stand.quote({ ...told, bid, ask: 1.1 });
    }
    if (said.kind === 'heartbeat') continue;
    heard.push(said.bid);
    break;
  }
  expect([heard, notes]).toEqual([[1], []]);
  feeds.close();
  expect(notes).toEqual([
    'polygon said 3 things on its stream that were left out as no quotes, the last because the bid is above the ask',
  ]);
});
