import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anEntry, leftLiveBook } from '../helpers/loopback-broker.js';
import { ACCOUNT } from '../helpers/oanda-sandbox.js';
import { runCli, TEST_NOW } from '../helpers/run-cli.js';

interface Status {
  readonly halted: boolean;
  readonly halts: readonly { readonly reason: string; readonly missing: boolean }[];
  readonly books: readonly Record<string, unknown>[];
  readonly notes: readonly string[];
}

async function status(home: string, flags = '') {
  const { code, json } = await runCli(`status ${flags} --json`, { home });
  return { code, data: json()['data'] as Status };
}

const fill = (instrument: string, side: string, units: number, price: number) => ({
  type: 'fill',
  fields: { fill: { orderId: 'o-fxlv1', instrument, side, units, price } },
});

const haltLine = (id: string) => ({
  id,
  time: '2026-01-05T11:00:00.000Z',
  who: 'somebody',
  reason: 'spread blew out',
  scope: 'all',
  mode: 'all',
});

describe('status', () => {
  it('of a home without anything is an answer, not an error', async () => {
    const { code, data } = await status(mkdtempSync(join(tmpdir(), 'fxtrade-status-')));
    expect([code, data]).toMatchObject([0, { halted: false, halts: [], books: [] }]);
  });

  it('adds up what a live book holds: positions, orders with their state, ages', async () => {
    const { home } = leftLiveBook([
      { type: 'bars', fields: { input: { until: TEST_NOW - 3_600_000 } } },
      ...anEntry('fxlv1', { attemptedAt: TEST_NOW }),
      fill('EUR/USD', 'buy', 60, 1.1),
      fill('GBP/USD', 'sell', 30, 1.2),
      fill('GBP/USD', 'sell', 10, 1.24),
      fill('USD/JPY', 'buy', 5, 100),
      fill('USD/JPY', 'sell', 5, 101),
    ]);
    const { data } = await status(home);
    expect(data.books).toMatchObject([
      {
        name: ACCOUNT,
        mode: 'live',
        account: ACCOUNT,
        broker: 'oanda',
        environment: 'practice',
        lock: null,
        positions: [
          { instrument: 'EUR/USD', units: 60, averagePrice: 1.1 },
          { instrument: 'GBP/USD', units: -40 },
        ],
        feeds: [{ name: 'bars', ageMs: 3_600_000 }],
        approvals: [],
        damage: null,
      },
    ]);
    expect((data.books[0] as { positions: { averagePrice: number }[] }).positions[1]?.averagePrice).toBeCloseTo(
      1.21,
      12,
    );
    expect(data.books[0]?.['orders']).toEqual([]);
  });

  it('an order that was sent and not answered is told as such', async () => {
    const { home } = leftLiveBook(anEntry('fxlv1', { attemptedAt: TEST_NOW }));
    const { data } = await status(home);
    expect(data.books[0]?.['orders']).toMatchObject([{ clientId: 'fxlv1', state: 'attempted', units: 100 }]);
  });

  it('shows a paper book as its run record has it, and what of the limits is used', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-status-'));
    const args = 'paper trend --from 2024-01-01 --to 2024-03-01 --instruments EUR/USD,USD/JPY --replay';
    await runCli(`data simulate --from 2023-10-01 --to 2024-03-01 --instruments EUR/USD,USD/JPY --out ${home}/m`, {
      home,
    });
    const { lines } = await runCli(`${args} ${home}/m/EURUSD-simulated.csv,${home}/m/USDJPY-simulated.csv --json`, {
      home,
    });
    const end = lines().at(-1) as { data: { open: { instrument: string; units: number }[] } };
    const { data } = await status(home, '--book default');
    const held = data.books[0]?.['positions'] as { instrument: string; units: number }[];
    const sorted = (list: readonly { instrument: string; units: number }[]) =>
      list.map(({ instrument, units }) => `${instrument} ${units}`).sort();
    expect(sorted(held)).toEqual(sorted(end.data.open));
    expect(data.books[0]).toMatchObject({ mode: 'paper', kind: 'replay', strategy: 'trend', lock: null });
    expect((data.books[0] as { limits: { limit: string }[] }).limits.map(({ limit }) => limit)).toContain(
      'drawdownHaltBps',
    );
  });

  it('a latch that somebody took away is a halt all the same', async () => {
    const { home } = leftLiveBook([{ type: 'halts', fields: { ask: 0, halts: [haltLine('h-1')] } }]);
    expect((await status(home)).data).toMatchObject({ halted: true, halts: [{ missing: true }] });
    writeFileSync(join(home, 'HALT'), `${JSON.stringify(haltLine('h-1'))}\n`);
    expect((await status(home)).data).toMatchObject({ halted: true, halts: [{ missing: false }] });
    await runCli('resume --reason looked --confirm paper', { home });
    rmSync(join(home, 'HALT'), { force: true });
  });

  it('settings, bindings and journals that are damaged cost a part of the screen, not the screen', async () => {
    const { home, folder } = leftLiveBook([fill('EUR/USD', 'buy', 60, 1.1)]);
    writeFileSync(join(home, 'config.json'), '{{{');
    writeFileSync(join(folder, 'book.json'), '{');
    appendFileSync(join(folder, 'journal.ndjson'), 'nonsense\n{"h":"to');
    mkdirSync(join(home, 'books', 'paper-empty'));
    const before = readFileSync(join(folder, 'journal.ndjson'), 'utf8');
    const { code, data } = await status(home);
    expect(code).toBe(0);
    expect(data.notes).toHaveLength(1);
    expect(data.books).toMatchObject([{ positions: [{ units: 60 }], damage: expect.stringContaining('1 line(s)') }]);
    expect(readFileSync(join(folder, 'journal.ndjson'), 'utf8')).toBe(before);
  });

  it('a book that is not there is exit 2, with the ones that are', async () => {
    const { home } = leftLiveBook();
    const { code, json } = await runCli('status --book other --json', { home });
    expect([code, json()]).toMatchObject([
      2,
      { error: { code: 'USAGE.NO_BOOK', facts: { books: [`live-${ACCOUNT}`] } } },
    ]);
  });

  it('fits on a screen for a person', async () => {
    const { home } = leftLiveBook([...anEntry('fxlv1'), fill('GBP/USD', 'sell', 30, 1.2)]);
    await runCli('halt --latch-only --reason "spread blew out"', { home });
    const { stdout } = await runCli('status', { home });
    expect(stdout).toContain('HALTED');
    expect(stdout).toContain('spread blew out');
    expect(stdout).toMatch(/position +GBP\/USD +short +30/);
    expect(stdout).toMatch(/entry +EUR\/USD +buy +70/);
    expect(stdout.trim().split('\n').length).toBeLessThan(12);
  });
});
