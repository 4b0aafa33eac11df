import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHalts } from '../../../src/core/state/halt-file.js';
import { asKilledNow, newHome, playSession } from '../../helpers/paper-session.js';
import { runCli } from '../../helpers/run-cli.js';

const HOUR = 3_600_000;
/** Tuesday 2026-01-06 10:00 UTC. */
const START = Date.UTC(2026, 0, 6, 10);
const LOOKS = Array.from({ length: 9 }, (_, hour) => START + hour * HOUR);
/** A second look at the last moment ends its row of equity, as a second later it would. */
const LAST = LOOKS.slice(-1);
const FILES = ['journal.ndjson', 'orders.csv', 'trades.csv', 'equity.csv', 'returns.csv'];
const bookOf = (home: string) => join(home, 'books', 'paper-default');
const filesOf = (home: string) => FILES.map((name) => [name, readFileSync(join(bookOf(home), name), 'utf8')]);
const snapshotsOf = (home: string) =>
  readdirSync(bookOf(home))
    .filter((name) => name.startsWith('snapshot-'))
    .sort();
const CROSS = { strategy: 'sma-cross', params: { fast: '2', slow: '4' } };

/** Leaves a part of what the last write put into the journal: none of it, some records, half a line. */
function tear(home: string, nth: number): void {
  const path = join(bookOf(home), 'journal.ndjson');
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const written = lines.length - lines.findLastIndex((line) => line.includes('"type":"bars"'));
  const kept = lines.length - written + (nth % written);
  const half = lines[kept]?.slice(0, nth % 2 === 0 ? 0 : 40) ?? '';
  writeFileSync(path, [...lines.slice(0, kept), half].join('\n'));
}

describe('a session killed while it works on a bar', () => {
  it.each`
    what                                        | every | plan
    ${'a strategy that can put its state back'} | ${3}  | ${CROSS}
    ${'a strategy that cannot'}                 | ${7}  | ${{ strategy: 'forgetful' }}
  `(
    'goes on with the bytes of one that nobody killed: $what',
    async ({ every, plan }) => {
      const home = newHome();
      const inHome = (of: string) => (plan.strategy === 'forgetful' ? { strategy: join(of, 'forgetful.mjs') } : plan);
      const kills: { home: string; look: number }[] = [];
      let look = 0;
      const { told } = await playSession({
        ...inHome(home),
        home,
        looks: LOOKS,
        between: (next) => {
          look = next;
        },
        onRecord: () => {
          kills.push({ home: asKilledNow(home), look });
          const torn = asKilledNow(home);
          tear(torn, kills.length);
          kills.push({ home: torn, look });
        },
      });
      const undisturbed = filesOf(home);
      expect(told.filter(({ kind }) => kind === 'bar')).toHaveLength(LOOKS.length);
      expect(kills.length).toBeGreaterThan(3);
      for (const killed of kills.filter((_, nth) => nth % every === 0)) {
        await playSession({ ...inHome(killed.home), home: killed.home, looks: [...LOOKS.slice(killed.look), ...LAST] });
        expect(filesOf(killed.home), `killed at look ${killed.look}`).toEqual(undisturbed);
      }
    },
    120_000,
  );

  it('between the journal and the snapshot of its bar: what is on disk is repeated, not doubled', async () => {
    const [home, other] = [newHome(), newHome()];
    await playSession({ ...CROSS, home, looks: LOOKS });
    for (let last = 2; last <= LOOKS.length; last += 3) {
      await playSession({ ...CROSS, home: other, looks: LOOKS.slice(Math.max(0, last - 4), last) });
      const newest = snapshotsOf(other).at(-1) ?? '';
      rmSync(join(bookOf(other), newest));
    }
    const end = await playSession({ ...CROSS, home: other, looks: [...LAST, ...LAST] });
    expect(filesOf(other)).toEqual(filesOf(home));
    expect(end.decided).toBe(true);
  });
});

it('nothing is told before it stands in the journal', async () => {
  const home = newHome();
  const kinds: string[] = [];
  const { records } = await playSession({
    ...CROSS,
    home,
    looks: LOOKS,
    onRecord: ({ kind }) => {
      kinds.push(kind);
      const written = readFileSync(join(bookOf(home), 'journal.ndjson'), 'utf8');
      const count = (text: string) => written.split(text).length - 1;
      expect(count(`"type":"${kind}"`)).toBeGreaterThanOrEqual(kinds.filter((one) => one === kind).length);
    },
  });
  expect(records.length).toBeGreaterThan(3);
});

it('what was decided under a halt is repeated as it was, though the halt has been lifted since', async () => {
  const home = newHome();
  const acts: Readonly<Record<number, string>> = {
    1: 'halt --reason drill --mode reduce-only',
    5: 'resume --reason done --confirm paper',
  };
  const plan = { home, strategy: join(home, 'forgetful.mjs') };
  const between = (look: number) => acts[look] && runCli(acts[look], { home });
  const { records } = await playSession({ ...plan, looks: LOOKS.slice(0, 7), between });
  expect(records.filter(({ kind }) => kind === 'refused').length).toBeGreaterThan(1);
  expect(readHalts(home)).toEqual([]);
  const before = readFileSync(join(bookOf(home), 'journal.ndjson'), 'utf8');
  expect(before.match(/"type":"halts"/g)).toHaveLength(2);
  await playSession({ ...plan, looks: LOOKS.slice(7, 9) });
  expect(readFileSync(join(bookOf(home), 'journal.ndjson'), 'utf8').startsWith(before)).toBe(true);
});
