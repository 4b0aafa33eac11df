import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MANIFEST } from '../src/commands/manifest.js';
import { GLOBAL_FLAGS } from '../src/commands/runtime/spec.js';
import { ALERT_KINDS, KINDS } from '../src/core/alerts/kinds.js';
import { replayClock } from '../src/core/ports/clock.js';
import { bookFolder } from '../src/core/state/books/book-path.js';
import { acquireLock } from '../src/core/state/lock/lock.js';
import { alertStandIns } from './helpers/alert-stand-ins.js';
import { runCli } from './helpers/run-cli.js';

const PAGE = readFileSync('docs/schedule.md', 'utf8');
const blocks = [...PAGE.matchAll(/```(cron|ini) ?([a-z.-]*)\n(.*?)```/gs)].map(
  ([, kind = '', name = '', text = '']) => ({
    kind,
    name,
    text,
  }),
);
const jobs = blocks
  .filter(({ kind }) => kind === 'cron')
  .flatMap(({ text }) => text.split('\n'))
  .filter((line) => /^[\d*]/.test(line));
const units = blocks.filter(({ kind }) => kind === 'ini');
const commands = [
  ...jobs.map((line) => line.split(' ').slice(5).join(' ')),
  ...units.flatMap(({ text }) =>
    [...text.matchAll(/^ExecStart=\/usr\/bin\/env (.*)$/gm)].map((match) => match[1] ?? ''),
  ),
];

describe('docs/schedule.md', () => {
  it.each(jobs.map((line) => [line]))('a line of cron has five fields in their ranges: %s', (line) => {
    const most = [59, 23, 31, 12, 7];
    const fields = line.split(' ').slice(0, 5);
    fields.forEach((field, place) => {
      expect(field).toMatch(/^(\*|\d+(-\d+)?)$/);
      for (const number of field.match(/\d+/g) ?? []) expect(Number(number)).toBeLessThanOrEqual(most[place] ?? 0);
    });
  });

  it.each([...new Set(commands)].map((line) => [line]))('every command and flag exists: %s', (line) => {
    const [program, name = '', ...rest] = line.split(' ');
    expect(program).toBe('fxtrade');
    const entry = MANIFEST.find((one) => one.name === name);
    const known = [...(entry?.flags ?? []), ...GLOBAL_FLAGS].map((flag) => `--${flag.name}`);
    for (const flag of rest.filter((word) => word.startsWith('--'))) expect(known).toContain(flag);
  });

  it('the times of cron are New York’s, and each hour of the week of FX is asked for once', () => {
    expect(PAGE).toContain('CRON_TZ=America/New_York');
    const hours = jobs
      .filter((line) => line.includes('trend'))
      .flatMap((line) => {
        const [, hour = '', , , day = ''] = line.split(' ');
        return expanded(day, 0, 6).flatMap((d) => expanded(hour, 0, 23).map((h) => d * 24 + h));
      });
    // Sunday 17:00 to Friday 17:00, both told.
    expect(hours.sort((a, b) => a - b)).toEqual(Array.from({ length: 5 * 24 + 1 }, (_, i) => 17 + i));
  });

  const analyze = hasAnalyze();
  it.skipIf(!analyze)('systemd takes the units', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fxtrade-units-'));
    const paths = units.map(({ name, text }) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
    expect(paths).toHaveLength(3);
    const said = execFileSync('systemd-analyze', ['verify', '--man=no', ...paths], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(said).not.toMatch(/Unknown|Failed to parse|Invalid/i);
    const calendar = /OnCalendar=(.*)/.exec(PAGE)?.[1] ?? '';
    expect(execFileSync('systemd-analyze', ['calendar', calendar], { encoding: 'utf8' })).toMatch(/Next elapse/);
  });
});

describe('what the page says of cycles', () => {
  let there: Awaited<ReturnType<typeof alertStandIns>>;
  beforeAll(async () => {
    there = await alertStandIns();
  });
  beforeEach(() => {
    there.arrivals.length = 0;
  });
  afterAll(() => there.close());
  const env = () => ({ WEBHOOK_URL: there.env['WEBHOOK_URL'] ?? '' });
  const kinds = () =>
    there.arrivals.flatMap(({ body }) =>
      (JSON.parse(body) as { alerts: { kind: string }[] }).alerts.map(({ kind }) => kind),
    );
  const CYCLE = 'paper sma-cross --instruments EUR/USD --timeframe 1h --once --json';
  const at = (time: string) => replayClock(Date.parse(time));

  it('one that overlaps is exit 75, and nobody is told', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-overlap-'));
    const lock = await acquireLock(bookFolder(home, 'paper', 'default'));
    const { code } = await runCli(CYCLE, { home, env: env() });
    lock.release();
    expect([code, there.arrivals.length]).toEqual([75, 0]);
  });

  it('one that is halted is exit 5 and told once, however often it comes', async () => {
    const { home } = await runCli('halt');
    const codes = [];
    for (const minute of ['00', '05', '10']) {
      const { code } = await runCli(CYCLE, { home, env: env(), clock: at(`2026-01-05T12:${minute}:00Z`) });
      codes.push(code);
    }
    expect(codes).toEqual([5, 5, 5]);
    expect(kinds()).toEqual(['stopped']);
  });

  // That a missed period is decided once, and said, is shown with a clock of its own in commands/session/realtime.test.ts.
  it('the day is told by the first cycle after 17:05 in New York, however late, and once', async () => {
    const { home } = await runCli(CYCLE, { env: env(), clock: at('2026-01-05T15:01:00Z') });
    await runCli(CYCLE, { home, env: env(), clock: at('2026-01-05T16:01:00Z') });
    const days = () => kinds().filter((kind) => kind === 'daily-summary').length;
    // The first of all tells the day before.
    expect(days()).toBe(1);
    // Off from 16:01 to 23:01 UTC; 17:05 in New York was 22:05.
    await runCli(CYCLE, { home, env: env(), clock: at('2026-01-05T23:01:00Z') });
    expect(days()).toBe(2);
    await runCli(CYCLE, { home, env: env(), clock: at('2026-01-06T00:01:00Z') });
    expect(days()).toBe(2);
  });
});

describe('docs/alerts.md', () => {
  it('has every kind with its severity', () => {
    const rows = ALERT_KINDS.map((kind) => `| \`${kind}\` | ${KINDS[kind].severity} | ${KINDS[kind].title} |`);
    const table = /<!-- kinds -->\n.*?\n.*?\n(.*?)\n<!-- \/kinds -->/s.exec(
      readFileSync('docs/alerts.md', 'utf8'),
    )?.[1];
    expect(table?.split('\n')).toEqual(rows);
  });
});

function expanded(field: string, least: number, most: number): number[] {
  const [from = least, to] = field === '*' ? [least, most] : field.split('-').map(Number);
  return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i);
}

function hasAnalyze(): boolean {
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('skipped: systemd-analyze is not there');
    return false;
  }
}
