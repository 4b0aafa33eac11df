import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Latches } from '../../../src/commands/session/realtime/latches.js';
import type { Latch } from '../../../src/core/risk/breakers.js';
import { readHalts } from '../../../src/core/state/halt-file.js';
import { marketFiles } from '../../helpers/market-files.js';
import { asKilledNow, newHome, playSession, type Told } from '../../helpers/paper-session.js';
import { runCli } from '../../helpers/run-cli.js';

const HOUR = 3_600_000;
/** Tuesday 2026-01-06 10:00 UTC; the holder loses 9.5 bps in its first hour, and more in the days after. */
const START = Date.UTC(2026, 0, 6, 10);
const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, step) => START + (first + step) * HOUR);
const WEEKLY = ['risk.weeklyLossBps=5'];
const resumeIn = (home: string, reason = 'looked at it') =>
  runCli(['resume', '--reason', reason, '--confirm', 'paper', '--json'], { home });
const ofKind = (told: readonly Told[], kind: string) =>
  told.filter((one) => one.kind === kind).map(({ fields }) => fields);
const journalOf = (home: string) => readFileSync(join(home, 'books', 'paper-default', 'journal.ndjson'), 'utf8');

describe('a latch in real time', () => {
  it.each`
    limit                       | value
    ${'risk.weeklyLossBps=5'}   | ${/^weeklyLossBps reached: 9\.5 bps of equity, limit 5 \(book default\)$/}
    ${'risk.drawdownHaltBps=9'} | ${/^drawdownHaltBps reached: 9\.5 bps of equity, limit 9 \(book default\)$/}
    ${'risk.drawdownStopBps=9'} | ${/^drawdownStopBps reached: 9\.5 bps of equity, limit 9 \(book default\)$/}
  `('$limit halts the account but for exits, and the halt says why', async ({ limit, value }) => {
    const home = newHome();
    await playSession({ home, looks: from(0, 2), sets: [limit] });
    expect(readHalts(home)).toEqual([
      {
        id: expect.stringMatching(/^latch-default-/),
        time: '2026-01-06T11:00:00.000Z',
        who: 'engine',
        reason: expect.stringMatching(value),
        scope: 'broker:sim',
        mode: 'reduce-only',
      },
    ]);
  });

  it('of the drawdown stop closes the book, under its own halt', async () => {
    const home = newHome();
    const { record } = await playSession({ home, looks: from(0, 3), sets: ['risk.drawdownStopBps=9'] });
    expect([record.open, record.counts.trades]).toEqual([[], 1]);
    await expect(playSession({ home, looks: from(4, 4) })).rejects.toMatchObject({ code: 'HALT.ACTIVE' });
  });

  it('opens in the running session when a person resumes, and does not close again on the same loss', async () => {
    const home = newHome();
    const resume = async (look: number) => {
      if (look === 2) await resumeIn(home, 'the loss was explained');
    };
    const plan = { home, sets: ['risk.drawdownHaltBps=9', 'risk.weeklyLossBps=9'] };
    const { told } = await playSession({ ...plan, looks: from(0, 3), between: resume });
    expect(ofKind(told, 'resumed')).toEqual([
      {
        latches: [expect.stringContaining('weeklyLossBps'), expect.stringContaining('drawdownHaltBps')],
        reason: 'the loss was explained',
      },
    ]);
    expect(readHalts(home)).toEqual([]);
    expect(journalOf(home)).toContain('"type":"resumed","resumes":[{"id":"latch-default-weeklyLossBps-');
    await playSession({ ...plan, looks: from(3, 3) });
    expect(readHalts(home)).toEqual([]);
  });

  it('opens at the next start when a person resumed in between', async () => {
    const home = newHome();
    await playSession({ home, looks: from(0, 2), sets: ['risk.drawdownStopBps=9'] });
    await resumeIn(home);
    const { told, records } = await playSession({ home, looks: from(3, 6), sets: ['risk.drawdownStopBps=9'] });
    expect(ofKind(told, 'resumed')).toHaveLength(1);
    expect(records.filter(({ kind }) => kind === 'submit').length).toBeGreaterThan(0);
  });

  it('stays closed while another halt concerns the session', async () => {
    const home = newHome();
    const acts: Readonly<Record<number, string>> = {
      2: 'halt --scope strategy:holder',
      3: 'resume --reason one --scope broker:sim --confirm paper',
      6: 'resume --reason two --scope strategy:holder --confirm paper',
    };
    const plan = { home, looks: from(0, 7), sets: WEEKLY };
    const { told } = await playSession({ ...plan, between: (look) => acts[look] && runCli(acts[look], { home }) });
    expect(ofKind(told, 'resumed')).toMatchObject([{ reason: 'one' }]);
    const before = told.slice(
      0,
      told.findIndex(({ kind }) => kind === 'resumed'),
    );
    expect(ofKind(before, 'bar')).toHaveLength(6);
  });
});

describe('what a restart repeats', () => {
  it('opens the latch again where the journal says that it was opened', async () => {
    const home = newHome();
    const plan = { home, strategy: join(home, 'forgetful.mjs'), sets: ['risk.drawdownHaltBps=8'] };
    await playSession({ ...plan, looks: from(0, 5) });
    expect(readHalts(home)).toHaveLength(1);
    await resumeIn(home);
    await playSession({ ...plan, looks: from(6, 6) });
    const before = journalOf(home);
    expect(before.match(/"type":"resumed"/g)).toHaveLength(1);
    const { told } = await playSession({ ...plan, looks: from(7, 7) });
    expect(told.some(({ kind }) => kind === 'resumed')).toBe(true);
    expect(journalOf(home).startsWith(before)).toBe(true);
    expect(journalOf(home).match(/"type":"resumed"/g)).toHaveLength(1);
    expect(readHalts(home)).toEqual([]);
  });
});

describe('the lines of latches', () => {
  const trader = { strategy: 'holder', broker: 'sim' };
  const contextOf = (home: string) => ({ home, book: 'default', trader, instruments: [] });
  const latched = (...latches: Latch[]) => ({ latches, now: START });

  it('are made up for a book of an earlier version, which has latches and no lines', async () => {
    const home = newHome();
    const engine = latched({ key: 'weeklyLossBps', value: 1012.34, limit: 1000 });
    expect(new Latches(contextOf(home), []).settle(engine)).toBeUndefined();
    expect(readHalts(home)).toMatchObject([
      { who: 'engine', reason: expect.stringMatching(/^weeklyLossBps .*1012\.3/) },
    ]);
    await resumeIn(home, 'seen');
    expect(new Latches(contextOf(home), []).settle(engine)).toMatchObject([{ reason: 'seen' }]);
  });

  it('of a strategy that runs wild halt that strategy and nobody else', () => {
    const home = newHome();
    const latches = new Latches(contextOf(home), []);
    latches.closed({ kind: 'latch', ts: START, key: 'maxRepeatedExecutions', message: 'too many' });
    latches.settle(latched({ key: 'maxRepeatedExecutions', value: 21, limit: 20, strategy: 'holder' }));
    expect(readHalts(home)).toMatchObject([{ scope: 'strategy:holder', mode: 'reduce-only' }]);
  });

  it('do not grow while the file that holds them cannot be read', () => {
    const home = newHome();
    writeFileSync(join(home, 'HALT'), 'not ours\n');
    const latches = new Latches(contextOf(home), []);
    const engine = latched({ key: 'weeklyLossBps', value: 1012.34, limit: 1000 });
    latches.settle(engine);
    writeFileSync(join(home, 'HALT'), 'not ours\n');
    for (let look = 0; look < 5; look++) latches.settle(engine);
    expect(readFileSync(join(home, 'HALT'), 'utf8')).toBe('not ours\n');
  });

  it('are not lifted by evidence that is not a whole line of ours', async () => {
    const home = newHome();
    const engine = latched({ key: 'weeklyLossBps', value: 1012.34, limit: 1000 });
    new Latches(contextOf(home), []).settle(engine);
    const [line] = readHalts(home);
    await resumeIn(home);
    const path = join(home, 'evidence', 'halts.ndjson');
    const text = readFileSync(path, 'utf8');
    for (const bad of [
      text.slice(0, -5),
      text.replace('"resume"', '"halt"'),
      '[1]\nnull\n{"kind":"resume","halts":[1]}\n',
    ]) {
      writeFileSync(path, bad);
      rmSync(join(home, 'HALT'), { force: true });
      expect(new Latches(contextOf(home), []).settle(engine)).toBeUndefined();
      expect(readHalts(home)).toEqual([line]);
    }
    writeFileSync(path, text);
    rmSync(join(home, 'HALT'));
    expect(new Latches(contextOf(home), []).settle(engine)).toHaveLength(1);
  });
});

describe('a HALT that was taken away without resume', () => {
  it('stands again at the next start, which is refused', async () => {
    const home = newHome();
    await playSession({ home, looks: from(0, 2), sets: WEEKLY });
    const [before] = readHalts(home);
    rmSync(join(home, 'HALT'));
    await expect(playSession({ home, looks: from(3, 3), sets: WEEKLY })).rejects.toMatchObject({ code: 'HALT.ACTIVE' });
    expect(readHalts(home)).toEqual([before]);
    await resumeIn(home);
    expect(ofKind((await playSession({ home, looks: from(4, 4), sets: WEEKLY })).told, 'resumed')).toHaveLength(1);
  });

  it('stands again in the running session', async () => {
    const home = newHome();
    const { told } = await playSession({
      home,
      looks: from(0, 4),
      sets: WEEKLY,
      between: (look) => {
        if (look === 3) rmSync(join(home, 'HALT'));
      },
    });
    expect(readHalts(home)).toHaveLength(1);
    expect(ofKind(told, 'resumed')).toEqual([]);
  });

  it('by a person stands again as well, until a resume is on record', async () => {
    const home = newHome();
    let lines: readonly string[] = [];
    const { told } = await playSession({
      home,
      looks: from(0, 5),
      between: async (look) => {
        if (look === 2) await runCli('halt --reason mine --mode reduce-only --latch-only', { home });
        if (look === 3) rmSync(join(home, 'HALT'));
        if (look === 4) lines = readHalts(home).map(({ reason }) => reason);
        if (look === 5) await resumeIn(home);
      },
    });
    expect(lines).toEqual(['mine']);
    expect(readHalts(home)).toEqual([]);
    expect(told.length).toBeGreaterThan(0);
  });

  it('stands again with evidence that cannot be read', async () => {
    const home = newHome();
    await playSession({ home, looks: from(0, 2), sets: WEEKLY });
    await resumeIn(home);
    rmSync(join(home, 'evidence'), { recursive: true });
    await expect(playSession({ home, looks: from(3, 3), sets: WEEKLY })).rejects.toMatchObject({ code: 'HALT.ACTIVE' });
  });
});

describe('a session killed after its latch was recorded', () => {
  it('is halted at the next start, though nobody had written HALT yet', async () => {
    const home = newHome();
    let killed = '';
    await playSession({
      home,
      looks: from(0, 1),
      sets: WEEKLY,
      onRecord: (what) => {
        if (what.kind === 'latch') killed = asKilledNow(home);
      },
    });
    expect(existsSync(join(killed, 'HALT'))).toBe(false);
    const again = { home: killed, looks: from(1, 1), sets: WEEKLY };
    await expect(playSession(again)).rejects.toMatchObject({ code: 'HALT.ACTIVE' });
    expect(readHalts(killed)).toEqual(readHalts(home));
    await resumeIn(killed);
    expect(ofKind((await playSession({ ...again, looks: from(2, 2) })).told, 'resumed')).toHaveLength(1);
  });
});

describe('history', () => {
  let files: string;
  beforeAll(async () => {
    const folder = newHome();
    const span = { from: START, to: START + 100 * HOUR, timeframeMs: HOUR };
    files = (await marketFiles({ folder, pairs: ['EUR/USD'], ...span })).data.join();
  });

  it.each(['backtest --data', 'paper --replay'])('%s never halts anything', async (how) => {
    const [command = '', flag = ''] = how.split(' ');
    const home = newHome();
    const limits = ['--set', 'risk.weeklyLossBps=1', '--set', 'risk.drawdownHaltBps=1'];
    const line = [command, 'sma-cross', flag, files, '--param', 'fast=2', '--param', 'slow=4', ...limits, '--json'];
    const { code, stdout } = await runCli(line, { home });
    expect([code, /"refused":[1-9]/.test(stdout), existsSync(join(home, 'HALT'))]).toEqual([0, true, false]);
  });
});
