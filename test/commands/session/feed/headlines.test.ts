import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HeadlineStream } from '../../../../src/commands/session/feed/headline-ear.js';
import { openFeeds } from '../../../../src/commands/session/feed/open-feeds.js';
import { FxError } from '../../../../src/core/base/errors.js';
import { seededRng } from '../../../../src/core/base/rng.js';
import { systemClock } from '../../../../src/core/ports/clock.js';
import { taggedSubjects } from '../../../../src/core/sentiment/tagging.js';
import { newsOf } from '../../../../src/feeds/news/news-file.js';
import { openPriceFeed } from '../../../../src/feeds/registry.js';
import { playOnFeed, SleepingTime } from '../../../helpers/feed-session.js';
import { newHome } from '../../../helpers/paper-session.js';
import { KEY, madeBars } from '../../../helpers/vendors/keyed.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The session reads real files: time must stand until they are read, however busy the machine is. */
const TURNS = 100_000;
/** Tuesday 2026-01-06 10:00:20 UTC. */
const START = Date.UTC(2026, 0, 6, 10, 0, 20);

/** Bars of five minutes, asked for and always answered. */
async function bars(time: SleepingTime) {
  const feed = await openPriceFeed('polygon', {
    secrets: { get: () => ({ reveal: () => KEY }), plain: () => undefined, hide: (text) => text },
    ...{ clock: time, stopwatch: time, wait: time.wait, rng: seededRng('bars'), signal: new AbortController().signal },
    resolve: async () => ['93.184.216.34'],
    http: {
      async send({ url }) {
        const [, from = '', to = ''] = /\/(\d{13})\/(\d{13})\?/.exec(url) ?? [];
        const made = madeBars(Number(from), Math.min(Number(to), time.now()), 5 * MINUTE);
        const results = made.map(({ begin, ...corners }) => ({ t: begin, ...corners, v: 10 }));
        return { status: 200, headers: {}, body: JSON.stringify({ status: 'OK', results }) };
      },
      async *lines() {
        yield* [];
        throw new Error('it has no stream');
      },
    },
  });
  const { name } = feed;
  const polled = { name, bars: feed.bars.bind(feed), clockOffsetMs: undefined, close: () => undefined };
  return { feed: polled, dayEnd: 'utc', requestMs: 12_000 } as const;
}

/** Tells a story at each of these moments, then is cut. */
function wire(time: SleepingTime, stories: readonly (readonly [minute: number, text: string])[]) {
  let connections = 0;
  const open: HeadlineStream = async function* (signal) {
    connections++;
    yield { kind: 'heartbeat', ts: time.now() } as const;
    for (const [minute, text] of stories) {
      const at = START + minute * MINUTE;
      if (at <= time.now()) continue;
      await time.wait(at - time.now(), signal);
      if (signal.aborted) return;
      const receivedAt = time.now();
      const headline = { id: `${minute}`, source: 'alpaca x', publishedAt: at, knownAt: at, receivedAt, text };
      yield { kind: 'headline', headline: { ...headline, subjects: taggedSubjects(text) } } as const;
      throw new FxError('FEED.UNREACHABLE', { message: 'cut off', next: 'wait', facts: {} });
    }
    await time.wait(HOUR, signal);
  };
  return { open, connections: () => connections };
}

function pulled(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'fxtrade-wire-')), 'wires.news');
  writeFileSync(path, '{"published":"2026-01-01T00:00:00Z","text":"Nothing of interest"}\n');
  return path;
}

const entriesIn = (home: string): readonly string[] =>
  readFileSync(join(home, 'books', 'paper-default', 'orders.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .filter(([, , , , , type]) => type !== 'stop')
    .map(([time, , , , side]) => `${time?.slice(11, 16)} ${side}`);

describe('a paper session whose feed tells headlines', () => {
  it('decides on them from a minute after they came, through cuts, and the next session knows them too', async () => {
    const home = newHome();
    const news = pulled();
    const play = async (time: SleepingTime, durationMs: number, headlines: HeadlineStream, notes: string[] = []) =>
      playOnFeed({
        ...{ home, time, feed: 'polygon', main: await bars(time), durationMs, headlines },
        onNote: (text) => notes.push(text),
        request: { strategy: 'sentiment', params: { halfLife: '4', stopBps: '100' }, timeframe: '5m', news },
      });
    const time = new SleepingTime(START, TURNS);
    time.slow = 5;
    const notes: string[] = [];
    const { open, connections } = wire(time, [
      [12, 'Euro soars on strong growth'],
      [19.2, 'Weather stays fine'],
      [34.2, 'Euro plunges as recession fears grow, banks collapse'],
    ]);
    await play(time, HOUR, open, notes);
    expect(entriesIn(home).slice(0, 2)).toEqual(['10:15 buy', '10:40 sell']);
    expect(connections()).toBeGreaterThanOrEqual(4);
    expect(notes.filter((text) => text.startsWith('no new headlines: cut off'))).toHaveLength(3);

    const path = join(home, 'books', 'paper-default', 'headlines.news');
    const stored = readFileSync(path, 'utf8');
    expect(newsOf(stored, path).map(({ text }) => text.split(' ')[1])).toEqual(['soars', 'plunges']);
    appendFileSync(path, '{"known":"2026-01-06T1');
    const later = new SleepingTime(START + 2 * HOUR, TURNS);
    later.slow = 5;
    const again = wire(later, [[125, 'Euro soars on strong growth and record exports']]);
    const told: string[] = [];
    await play(later, 20 * MINUTE, again.open, told);
    expect(told.join()).not.toContain('stay');
    const lines = readFileSync(path, 'utf8');
    expect(lines.startsWith(stored)).toBe(true);
    expect(newsOf(lines, path)).toHaveLength(3);
  }, 60_000);

  it.each([
    ['alpaca', undefined, true],
    ['tiingo', 'alpaca', true],
    ['tiingo', undefined, false],
  ])('is one on %s with %s behind it: %s', async (name, fallback, tells) => {
    const env = { ALPACA_API_KEY: KEY, ALPACA_SECRET_KEY: KEY, TIINGO_API_KEY: KEY };
    const [home, signal] = [newHome(), new AbortController().signal];
    const feeds = await openFeeds(name, fallback, { home, cwd: home, env, clock: systemClock(), signal });
    feeds.close();
    expect(feeds.headlines !== undefined).toBe(tells);
  });
});
