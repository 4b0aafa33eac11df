import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Recorded } from '../../../src/commands/session/book.js';
import { flattenBook } from '../../../src/commands/session/realtime/flatten-book.js';
import type { EpochMs } from '../../../src/core/model/ids.js';
import { readHoldings } from '../../../src/core/state/emergency/holdings.js';
import { asKilledNow, newHome, playSession } from '../../helpers/paper-session.js';

const HOUR = 3_600_000;
/** Tuesday 2026-01-06 10:00 UTC. */
const START = Date.UTC(2026, 0, 6, 10);
const LOOKS = Array.from({ length: 9 }, (_, hour) => START + hour * HOUR);
const LAST = LOOKS.slice(-1);
const FILES = ['journal.ndjson', 'orders.csv', 'trades.csv', 'equity.csv', 'returns.csv'];
const bookOf = (home: string) => join(home, 'books', 'paper-default');
const fileOf = (home: string, name: string) => readFileSync(join(bookOf(home), name), 'utf8');
const filesOf = (home: string) => FILES.map((name) => [name, fileOf(home, name)]);
const heldIn = (home: string) => {
  const { positions, orders } = readHoldings(bookOf(home));
  return { positions, orders };
};
const NOTHING = { positions: [], orders: [] };

const INPUT = { who: 'tester', reason: 'drill' };
function flatten(home: string, now: EpochMs) {
  const clock = { now: () => now, observe: () => undefined };
  const host = { version: '0.0.0-test', startedAt: now, signal: new AbortController().signal, note: () => undefined };
  return flattenBook({ home, book: 'default', clock, ...INPUT }, host);
}

describe('a real-time book that is flattened', () => {
  it('closes at the last known price with costs, says so in its journal, and goes on from there', async () => {
    const home = newHome();
    const sets = ['risk.perTradeRiskBps=null'];
    const before = await playSession({ home, looks: LOOKS.slice(0, 4), sets });
    expect(before.record.open).toMatchObject([{ instrument: 'EUR/USD', units: expect.any(Number) }]);
    const held = heldIn(home);
    expect([held.positions.length, held.orders.length]).toEqual([1, 1]);
    const { positions, orders, flat } = await flatten(home, (LOOKS[3] ?? 0) + 20_000);
    expect(flat).toBe(true);
    expect(positions).toMatchObject([{ instrument: 'EUR/USD', units: held.positions[0]?.units }]);
    expect(positions[0]?.price).toBeLessThan(positions[0]?.mid ?? 0);
    expect(orders).toMatchObject([{ id: 'o-1.sl', intent: { reduceOnly: true } }]);
    expect(heldIn(home)).toEqual(NOTHING);
    expect(fileOf(home, 'journal.ndjson')).toContain('"type":"flatten","who":"tester","reason":"drill"');
    expect(fileOf(home, 'trades.csv')).toContain(',drill');
    const record = JSON.parse(fileOf(home, 'run.json'));
    expect([record.open, record.counts.trades]).toEqual([[], 1]);
    const after = await playSession({ home, looks: LOOKS.slice(4, 8), sets });
    expect(after.records.filter(({ kind }) => kind === 'submit').length).toBeGreaterThan(0);
    expect(after.record.open).toHaveLength(1);
    expect(after.record.counts.trades).toBe(1);
  });

  it('a second time leaves no byte', async () => {
    const home = newHome();
    await playSession({ home, looks: LOOKS.slice(0, 4) });
    await flatten(home, LOOKS[4] ?? 0);
    const files = filesOf(home);
    expect(await flatten(home, LOOKS[5] ?? 0)).toEqual({ ...NOTHING, flat: true });
    expect(filesOf(home)).toEqual(files);
  });

  it('needs no strategy: its file may be gone', async () => {
    const home = newHome();
    await playSession({ home, looks: LOOKS.slice(0, 4) });
    rmSync(join(home, 'holder.mjs'));
    expect(await flatten(home, LOOKS[3] ?? 0)).toMatchObject({ flat: true, positions: [{ instrument: 'EUR/USD' }] });
  });

  it('takes back what waits for a person, and an answer that comes later lets nothing go', async () => {
    const home = newHome();
    const sets = ['approval.required=true'];
    await playSession({ home, looks: LOOKS.slice(0, 2), sets });
    const { orders } = await flatten(home, (LOOKS[1] ?? 0) + 1000);
    expect(orders).toMatchObject([{ id: 'o-2', intent: { reduceOnly: false } }]);
    expect(fileOf(home, 'orders.csv')).toContain('refused');
    expect(heldIn(home)).toEqual(NOTHING);
    expect(JSON.parse(fileOf(home, 'approvals/o-2.decision.json')).outcome).toBe('withdrawn');
  });

  it('says what to do where an earlier version began it', async () => {
    const home = newHome();
    await playSession({ home, looks: LOOKS.slice(0, 4) });
    const path = join(bookOf(home), 'book.json');
    const bound = JSON.parse(readFileSync(path, 'utf8'));
    const { given: _, ...before } = bound.arguments;
    writeFileSync(path, JSON.stringify({ ...bound, arguments: before }));
    await expect(flatten(home, LOOKS[3] ?? 0)).rejects.toMatchObject({ code: 'STATE.NOT_GIVEN' });
    // The next start with its own command is enough.
    await playSession({ home, looks: LOOKS.slice(4, 5) });
    expect(await flatten(home, LOOKS[4] ?? 0)).toMatchObject({ flat: true });
  });
});

describe('a flatten in a book whose session died', () => {
  it('over a bar works it through again first, with the strategy', async () => {
    const home = newHome();
    const kills: string[] = [];
    const onRecord = ({ kind }: Recorded) => void (kind === 'fill' && kills.push(asKilledNow(home)));
    await playSession({ home, strategy: join(home, 'forgetful.mjs'), looks: LOOKS.slice(0, 6), onRecord });
    const killed = kills.at(-1) ?? '';
    // The copy is another home: its strategy lies there.
    const path = join(bookOf(killed), 'book.json');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(home, killed));
    expect(await flatten(killed, LOOKS[6] ?? 0)).toMatchObject({ flat: true });
    expect(heldIn(killed)).toEqual(NOTHING);
    const gone = kills.at(-2) ?? '';
    const other = join(bookOf(gone), 'book.json');
    writeFileSync(other, readFileSync(other, 'utf8').replaceAll(home, gone));
    const journal = fileOf(gone, 'journal.ndjson');
    rmSync(join(gone, 'forgetful.mjs'));
    await expect(flatten(gone, LOOKS[6] ?? 0)).rejects.toMatchObject({ code: 'STRATEGY.MISSING' });
    expect(fileOf(gone, 'journal.ndjson')).toBe(journal);
  });
});

describe('a flatten that is killed', () => {
  it.each(['holder', 'forgetful'])(
    'anywhere is done again with the same bytes by the next start, and by the next flatten: %s',
    async (name) => {
      const home = newHome();
      const strategyIn = (of: string) => join(of, `${name}.mjs`);
      const look = name === 'holder' ? 4 : 6;
      await playSession({ home, strategy: strategyIn(home), looks: LOOKS.slice(0, look) });
      const before = asKilledNow(home);
      await flatten(home, (LOOKS[look - 1] ?? 0) + 9_000);
      const done = filesOf(home);
      const lines = fileOf(home, 'journal.ndjson').split('\n');
      const from = lines.findIndex((line) => line.includes('"type":"flatten"'));
      expect(from).toBeGreaterThan(0);
      expect(lines.length - from).toBeGreaterThan(3);
      await playSession({ home, strategy: strategyIn(home), looks: [...LOOKS.slice(look), ...LAST] });
      const onward = filesOf(home);
      for (let known = from + 1; known < lines.length; known++) {
        // What was on disk when it was killed: the input, and so many of the records it led to.
        const journal = `${lines.slice(0, known).join('\n')}\n`;
        const [next, again] = [asKilledNow(before), asKilledNow(before)];
        for (const of of [next, again]) writeFileSync(join(bookOf(of), 'journal.ndjson'), journal);
        await playSession({ home: next, strategy: strategyIn(next), looks: [...LOOKS.slice(look), ...LAST] });
        expect(filesOf(next), `killed after ${known} records`).toEqual(onward);
        expect(await flatten(again, LOOKS[look] ?? 0)).toMatchObject({ flat: true, positions: [{}] });
        expect(filesOf(again), `killed after ${known} records`).toEqual(done);
      }
    },
    60_000,
  );
});
