import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asKilledNow, newHome, playSession } from '../../helpers/paper-session.js';
import { runCli } from '../../helpers/run-cli.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Tuesday 2026-01-06 10:00 UTC. */
const START = Date.UTC(2026, 0, 6, 10);
const LOOKS = Array.from({ length: 9 }, (_, hour) => START + hour * HOUR);
const LAST = LOOKS.slice(-1);
const iso = (ts: number): string => new Date(ts).toISOString();

/** A file of news to which stories are added as they come; each was stored when it was read. */
function aWire() {
  const path = join(mkdtempSync(join(tmpdir(), 'fxtrade-wire-')), 'wires.news');
  const lines: string[] = [];
  const tell = (text: string, published: number, received: number): void => {
    lines.push(JSON.stringify({ published: iso(published), received: iso(received), text }));
    writeFileSync(path, `${lines.join('\n')}\n`);
  };
  tell('Nothing of interest', START - 48 * HOUR, START - 47 * HOUR);
  return { path, tell };
}

const stored = (home: string, name: string): string => readFileSync(join(home, 'books', 'paper-default', name), 'utf8');
const ordersOf = (home: string): string[] =>
  stored(home, 'orders.csv')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .filter(([, , , , , type]) => type !== 'stop')
    .map(([time, , , , side]) => `${time} ${side}`);
const PLAN = { strategy: 'sentiment', params: { halfLife: '4', stopBps: '100' } };

describe('a session that goes with the clock', () => {
  it('hears headlines that are stored while it runs, a minute after they were, and repeats itself when it is killed', async () => {
    const { path, tell } = aWire();
    const home = newHome();
    const kills: { home: string; look: number }[] = [];
    let look = 0;
    await playSession({
      ...PLAN,
      home,
      looks: LOOKS,
      news: path,
      between: (next) => {
        look = next;
        const now = LOOKS[next] ?? 0;
        // Published half an hour ago, stored ten minutes before this bar's close: it counts at this close.
        if (next === 2) tell('Euro soars on strong growth', now - 30 * MINUTE, now - 10 * MINUTE);
        // Stored at the close itself: it counts at the next one.
        if (next === 5) tell('Euro plunges as recession fears grow', now - 30 * MINUTE, now);
      },
      onRecord: () => kills.push({ home: asKilledNow(home), look }),
    });
    expect(ordersOf(home).slice(0, 2)).toEqual([`${iso(LOOKS[2] ?? 0)} buy`, `${iso(LOOKS[6] ?? 0)} sell`]);
    const files = ['journal.ndjson', 'orders.csv', 'trades.csv', 'equity.csv'];
    const undisturbed = files.map((name) => stored(home, name));
    expect(kills.length).toBeGreaterThan(5);
    for (const killed of kills.filter((_, nth) => nth % 3 === 0)) {
      const looks = [...LOOKS.slice(killed.look), ...LAST];
      await playSession({ ...PLAN, home: killed.home, looks, news: path });
      expect(
        files.map((name) => stored(killed.home, name)),
        `killed at look ${killed.look}`,
      ).toEqual(undisturbed);
    }
  }, 120_000);

  it('keeps what it knew when the file is damaged, and goes on when it is whole again', async () => {
    const { path, tell } = aWire();
    const home = newHome();
    await playSession({
      ...PLAN,
      home,
      looks: LOOKS,
      news: path,
      between: (next) => {
        const now = LOOKS[next] ?? 0;
        if (next === 1) tell('Euro soars on strong growth', now - 30 * MINUTE, now - 10 * MINUTE);
        if (next === 2) writeFileSync(path, 'garbage');
        if (next === 3) rmSync(path);
        if (next === 5) tell('Euro plunges as recession fears grow', now - 30 * MINUTE, now - 10 * MINUTE);
      },
    });
    expect(ordersOf(home).slice(0, 2)).toEqual([`${iso(LOOKS[1] ?? 0)} buy`, `${iso(LOOKS[5] ?? 0)} sell`]);
  }, 60_000);

  it('is flattened though its headlines are gone', async () => {
    const { path, tell } = aWire();
    const home = newHome();
    tell('Euro soars on strong growth', START - HOUR, START - HOUR);
    await playSession({ ...PLAN, home, looks: LOOKS.slice(0, 4), news: path });
    rmSync(path);
    const clock = { now: () => LOOKS[4] ?? 0, observe: () => undefined };
    const result = await runCli('close-all --force --json', { home, clock });
    expect(result.code, result.stdout).toBe(0);
    expect(result.json()['data']).toMatchObject({ flat: true, closed: [{ instrument: 'EUR/USD' }] });
  }, 60_000);
});
