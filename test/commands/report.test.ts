import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS } from '../../src/core/report/metric-rows.js';
import { aRunRecord, carryLike } from '../helpers/a-run-record.js';
import { alertStandIns } from '../helpers/alert-stand-ins.js';
import { runCli } from '../helpers/run-cli.js';

const home = mkdtempSync(join(tmpdir(), 'fxtrade-report-'));
const report = (line: string) => runCli(`report ${line}`, { home });
const dataOf = (result: { json(): Record<string, unknown> }) =>
  result.json()['data'] as ReturnType<typeof aRunRecord> & Record<string, unknown>;

function keep(folder: string, record: unknown): void {
  mkdirSync(join(home, folder), { recursive: true });
  writeFileSync(join(home, folder, 'run.json'), JSON.stringify(record));
}

beforeAll(() => {
  keep('runs/carry-1', aRunRecord());
  keep('books/paper-alpha', { ...carryLike('2024-01-01', '2024-02-28', 2), mode: 'paper' });
});

describe('report', () => {
  it('shows the newest run, within 100 columns', async () => {
    const { code, stdout } = await report('');
    expect(code).toBe(0);
    expect(stdout).toContain('Sharpe ratio');
    expect(stdout).toContain('SIMULATED PRICES');
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
  });

  it.each(['carry-1', 'runs/carry-1', 'runs/carry-1/run.json'])('finds a run as %s', async (name) => {
    const { code } = await runCli(['report', name, '--json'], { home, cwd: home });
    expect(code).toBe(0);
  });

  it('shows the run of a paper book', async () => {
    expect(dataOf(await report('--book alpha --json')).mode).toBe('paper');
  });

  it('answers with the record and the period under --json', async () => {
    const data = dataOf(await report('--period month --json'));
    expect(data.period).toMatchObject({ name: 'month', bars: null });
    expect(data.daily.date).toHaveLength(22);
    expect(data.reasons).toMatchObject({ 'period.bars': 'NOT_KEPT', 'metrics.turnover': 'NOT_KEPT' });
  });

  it('writes the page and the tables', async () => {
    const out = mkdtempSync(join(tmpdir(), 'fxtrade-out-'));
    const { code } = await report(`--html ${out}/deep/page.html --csv ${out}/tables`);
    expect(code).toBe(0);
    expect(readFileSync(`${out}/deep/page.html`, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    for (const name of ['equity', 'returns', 'trades', 'monthly']) {
      expect(readFileSync(`${out}/tables/${name}.csv`, 'utf8').split('\n').length).toBeGreaterThan(100);
    }
  });

  it.each(METRICS.map((info) => info.key))('explains %s', async (key) => {
    const { code, stdout } = await report(`--explain ${key}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/formula .*\n.*convention /);
    expect(stdout).not.toMatch(/NaN|undefined/);
  });

  it.each(['empyrical', 'quantstats', 'pa'])('prints what %s would, beside ours', async (name) => {
    const { stdout } = await report(`--convention ${name}`);
    expect(stdout).toContain(`As ${name} prints it, for comparison only`);
    const { rows } = dataOf(await report(`--convention ${name} --json`))['convention'] as {
      rows: { metric: string }[];
    };
    expect(rows.map((row) => row.metric)).toContain('sharpe');
  });

  it('under --watch prints one object a change and ends in order when stopped', async () => {
    const stopped = new AbortController();
    stopped.abort('SIGINT');
    const result = await runCli('report --watch --json', { home, signal: stopped.signal });
    expect(result.lines().map((line) => line['kind'])).toEqual(['report', 'end']);
    expect(result.code).toBe(130);
  });

  it.each`
    line                        | code | error
    ${'nowhere'}                | ${2} | ${'USAGE.UNKNOWN_RUN'}
    ${'carry-1 --book alpha'}   | ${2} | ${'USAGE.CONFLICT'}
    ${'--book none'}            | ${2} | ${'USAGE.NO_RUN'}
    ${'--book ../runs/carry-1'} | ${2} | ${'USAGE.BAD_VALUE'}
    ${'--explain sharp'}        | ${2} | ${'USAGE.UNKNOWN_METRIC'}
    ${'--convention quantstat'} | ${2} | ${'USAGE.BAD_VALUE'}
  `('$line ends with $code, $error', async ({ line, code, error }) => {
    const result = await report(`${line} --json`);
    expect([result.code, (result.json()['error'] as { code: string }).code]).toEqual([code, error]);
  });

  it('without any run says how to make one', async () => {
    const { code, stderr } = await runCli('report');
    expect(code).toBe(2);
    expect(stderr).toContain('next: make one first: fxtrade backtest');
  });

  it('of a damaged or newer file ends with 7', async () => {
    keep('broken', '{');
    keep('newer', { ...aRunRecord(), version: 9 });
    expect((await runCli('report broken', { home, cwd: home })).code).toBe(7);
    expect((await runCli('report newer', { home, cwd: home })).stderr).toContain('STATE.VERSION');
  });
});

describe('report --send', () => {
  let there: Awaited<ReturnType<typeof alertStandIns>>;
  beforeAll(async () => {
    there = await alertStandIns();
  });
  afterAll(() => there.close());
  const send = (line: string, names: readonly string[]) =>
    runCli(`report carry-1 --send ${line}`, {
      home,
      env: Object.fromEntries(names.map((name) => [name, there.env[name] ?? ''])),
    });
  const MAIL = ['SMTP_URL', 'EMAIL_FROM', 'EMAIL_TO'];

  it('mails text and page, tells other channels in a few words, and says where it went', async () => {
    const all = [
      ...MAIL,
      'SLACK_WEBHOOK',
      'HEARTBEAT_URL',
      'TWILIO_ACCOUNT_SID',
      'TWILIO_AUTH_TOKEN',
      'TWILIO_FROM',
      'ALERT_PHONE',
    ];
    const result = await send('--json', all);
    expect([result.code, dataOf(result)['sent']]).toEqual([
      0,
      [
        { channel: 'email', sent: true },
        { channel: 'slack', sent: true },
      ],
    ]);
    const [letter] = there.letters;
    expect(letter?.raw).toMatch(/^Subject: \[fxtrade\] Report: backtest /m);
    expect(letter?.raw).toMatch(/text\/plain[\s\S]*Sharpe ratio[\s\S]*text\/html[\s\S]*doctype html/);
    expect(there.arrivals.map(({ path }) => path.split('/')[1])).toEqual(['services']);
    expect(there.to('/services/')[0]?.body).toContain('Sharpe ratio');
  });

  it('says which channel did not take it, with exit 4', async () => {
    there.mood = 'gone';
    const { code, stdout } = await send('', MAIL);
    there.mood = 'healthy';
    expect([code, /^NOT sent by email: .+$/m.test(stdout)]).toEqual([4, true]);
  });

  it('without a channel says what to set', async () => {
    const result = await send('--json', []);
    expect([result.code, result.json()['error']]).toMatchObject([
      2,
      { code: 'CONFIG.NO_CHANNEL', next: expect.stringContaining('SMTP_URL') },
    ]);
  });

  it.each(['--watch', '--explain sharpe'])('contradicts %s', async (flag) => {
    expect((await send(flag, MAIL)).code).toBe(2);
  });
});
