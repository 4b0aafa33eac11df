import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { signatureOf } from '../../../src/alerts/webhook/webhook.js';
import { systemClock } from '../../../src/core/ports/clock.js';
import { alertStandIns } from '../../helpers/alert-stand-ins.js';
import { leftLiveBook, loopbackBroker } from '../../helpers/loopback-broker.js';
import { runCli } from '../../helpers/run-cli.js';

let there: Awaited<ReturnType<typeof alertStandIns>>;

beforeAll(async () => {
  there = await alertStandIns();
});
beforeEach(() => {
  there.mood = 'healthy';
  there.arrivals.length = 0;
  there.letters.length = 0;
});
afterAll(() => there.close());

const HOOK = ['WEBHOOK_URL', 'WEBHOOK_SECRET'] as const;
const env = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, there.env[name] ?? ''])) as Record<string, string>;
const logOf = (home: string) =>
  readFileSync(join(home, 'alerts.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const hooks = () =>
  there
    .to('/hook')
    .map(
      ({ body }) =>
        JSON.parse(body) as { headline: string; severity: string; alerts: { kind: string; text: string }[] },
    );
const clock = systemClock();
const hoursIn = (hours: number) => ({
  now: () => Date.UTC(2026, 0, 6, 10) + hours * 3_600_000,
  observe: () => undefined,
});

describe('commands that people far away must know of', () => {
  it('halt answers, then tells by every channel that has its keys, signed', async () => {
    const { code, home } = await runCli(['halt', '--reason', 'spread \u001b[31mblew\u001b[0m out'], {
      env: { ...there.env },
    });
    expect(code).toBe(0);
    expect(hooks()).toMatchObject([
      { severity: 'critical', alerts: [{ kind: 'halt', text: expect.stringContaining('spread \\x1b[31mblew') }] },
    ]);
    const [arrival] = there.to('/hook');
    const { 'x-fxtrade-timestamp': time = '', 'x-fxtrade-signature': signature } = arrival?.headers ?? {};
    expect(signature).toBe(`v1=${signatureOf('hmacsecret9', time, arrival?.body ?? '')}`);
    expect([
      there.to('/services').length,
      there.to('/api/webhooks').length,
      there.to('/bot').length,
      there.letters.length,
    ]).toEqual([1, 1, 1, 1]);
    expect(there.to('/2010-04-01').map(({ path }) => path.split('/').at(-1))).toEqual(['Messages.json']);
    const log = JSON.stringify(logOf(home));
    expect(log).not.toMatch(/secret9|S3cr/);
  });

  it('halt is a halt, and exit 0, when every channel is dead', async () => {
    there.mood = 'dead';
    const { code, json, home } = await runCli('halt --json', { env: { ...there.env } });
    expect([code, json()['ok']]).toEqual([0, true]);
    expect(logOf(home).filter(({ type }) => type === 'failed').length).toBeGreaterThan(2);
  });

  it('nobody far away, nothing loaded and nothing kept', async () => {
    const { home } = await runCli('halt');
    expect(() => logOf(home)).toThrow('ENOENT');
  });

  it('resume and close-all tell what they did', async () => {
    const { home } = await runCli('halt');
    await runCli(['close-all', '--force'], { home, env: env(...HOOK) });
    await runCli(['resume', '--reason', 'looked', '--confirm', 'paper'], { home, env: env(...HOOK) });
    expect(hooks().flatMap(({ alerts }) => alerts.map(({ kind }) => kind))).toEqual(['close-all', 'resume']);
  });
});

describe('an emergency that does not go well', () => {
  it('a halt whose latch cannot be written is told, with what is wrong and what to do', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-told-'));
    mkdirSync(join(home, 'HALT'));
    const { code } = await runCli('halt --reason spread', { home, env: env(...HOOK) });
    expect(code).toBe(7);
    expect(hooks()).toMatchObject([
      { severity: 'critical', alerts: [{ kind: 'halt', text: expect.stringMatching(/spread.*STATE\./) }] },
    ]);
  });

  it('a halt that takes long is told while it lasts, and again when it could not prove itself', async () => {
    const broker = await loopbackBroker({
      rules: [
        { on: 'account', to: 1, fault: { kind: 'slow', ms: 2_500 } },
        { on: 'account', from: 2, fault: { kind: 'revoked' } },
      ],
    });
    let isOver = false;
    const { home } = leftLiveBook();
    const halting = runCli('halt --reason spread --json', { home, env: { ...broker.env, ...env(...HOOK) }, clock });
    void halting.then(() => {
      isOver = true;
    });
    await vi.waitFor(() => expect(hooks().length).toBeGreaterThan(0), { timeout: 10_000, interval: 20 });
    expect([isOver, hooks()]).toMatchObject([
      false,
      [{ severity: 'critical', alerts: [{ kind: 'halt', text: expect.stringContaining('spread') }] }],
    ]);
    expect((await halting).code).toBe(6);
    await broker.close();
    expect(hooks().slice(1)).toMatchObject([
      { severity: 'critical', alerts: [{ kind: 'halt', text: expect.stringContaining('not proven') }] },
    ]);
  });

  it('a close-all that cannot know whether it is flat is told once, with its end', async () => {
    const broker = await loopbackBroker({ rules: [{ on: 'any', fault: { kind: 'revoked' } }] });
    const { home } = leftLiveBook();
    const { code } = await runCli('close-all --force --json', { home, env: { ...broker.env, ...env(...HOOK) }, clock });
    await broker.close();
    expect(code).toBe(6);
    expect(hooks()).toMatchObject([
      { severity: 'critical', alerts: [{ kind: 'close-all', text: expect.stringContaining('not known to be flat') }] },
    ]);
  });

  it.each(['halt --scope nonsense', 'close-all --force --book nothing', 'close-all --confirm nobody'])(
    'what was typed wrong is nobody far away’s news: %s',
    async (line) => {
      const { code } = await runCli(line, { env: env(...HOOK) });
      expect([code, hooks()]).toEqual([2, []]);
    },
  );
});

describe('sessions', () => {
  it('a crash is told by all channels, and the watcher hears a failure and no good news after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fxtrade-alerts-'));
    writeFileSync(
      join(folder, 'broken.mjs'),
      `import { defineStrategy } from 'fxtrade';
       export default defineStrategy({ name: 'broken', params: {}, create: () => ({ onBar() { throw new Error('oh no'); } }) });`,
    );
    const { code } = await runCli(`paper ${join(folder, 'broken.mjs')} --once --json`, {
      env: { ...there.env },
      clock,
    });
    // From sources there is no thread for a user's file; either way the session dies.
    expect(code).toBeGreaterThan(0);
    expect(hooks().flatMap(({ alerts }) => alerts.map(({ kind }) => kind))).toContain('crashed');
    expect(there.to('/ping').map(({ path }) => path.split('/').at(-1))).toEqual(['start', 'fail']);
  });

  it('a cycle from cron tells no begin and no end, tells the day once, and gives a sign of life', async () => {
    const first = await runCli('paper sma-cross --once --json', { env: env(...HOOK, 'HEARTBEAT_URL'), clock });
    expect(first.code).toBe(0);
    await runCli('paper sma-cross --once --json', { home: first.home, env: env(...HOOK, 'HEARTBEAT_URL'), clock });
    const kinds = hooks().flatMap(({ alerts }) => alerts.map(({ kind }) => kind));
    expect(kinds.filter((kind) => kind === 'daily-summary')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'started' || kind === 'stopped')).toEqual([]);
    expect(there.to('/ping').map(({ body }) => body)).toEqual(['start', 'end', 'start', 'end']);
  });

  it('the day is mailed and posted with the end of the journal, which audit finds again, or finds missing', async () => {
    const channels = env(...HOOK, 'SMTP_URL', 'EMAIL_FROM', 'EMAIL_TO');
    const { home } = await runCli('paper sma-cross --once --json', { env: channels, clock });
    const said = hooks().flatMap(({ alerts }) => alerts.filter(({ kind }) => kind === 'daily-summary'));
    const [, seq, hash = ''] = /; journal: record (\d+), head ([0-9a-f]{64})$/.exec(said[0]?.text ?? '') ?? [];
    expect(Number(seq)).toBeGreaterThan(0);
    // A letter breaks long lines.
    expect(JSON.stringify(there.letters).replaceAll(/=?\\r\\n/g, '')).toContain(hash);
    expect((await runCli(`audit verify --head ${hash}`, { home })).code).toBe(0);

    const folder = join(home, 'books', 'paper-default');
    const path = join(folder, 'journal.ndjson');
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -2);
    const h = /"h":"([0-9a-f]{64})"/.exec(lines.at(-1) ?? '')?.[1] ?? '';
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    writeFileSync(join(folder, 'head.json'), JSON.stringify({ version: 1, seq: lines.length, h, generation: 9 }));
    expect((await runCli('audit verify', { home })).code).toBe(0);
    const { code, json } = await runCli(`audit verify --head ${hash} --json`, { home });
    expect([code, (json()['error'] as { code: string }).code]).toEqual([7, 'STATE.ANCHOR']);
  });

  it('one that is refused because of a halt says so, and that nobody is to run', async () => {
    const { home } = await runCli('halt');
    const { code } = await runCli('paper sma-cross --once --json', { home, env: env(...HOOK), clock });
    expect(code).toBe(5);
    expect(hooks()).toMatchObject([
      { severity: 'warning', alerts: [{ kind: 'stopped', text: expect.stringContaining('HALT.') }] },
    ]);
  });

  it('one that was killed is told by the next one', async () => {
    const { home } = await runCli('paper sma-cross --once --json', { clock });
    const path = join(home, 'alerts.ndjson');
    writeFileSync(
      path,
      `${JSON.stringify({ type: 'began', time: new Date().toISOString(), source: 'paper default' })}\n`,
    );
    await runCli('paper sma-cross --once --json', { home, env: env(...HOOK), clock });
    expect(hooks().flatMap(({ alerts }) => alerts.map(({ kind }) => kind))).toContain('crashed');
  });

  it('room that is little is told once, by however many cycles, and again after it was enough', async () => {
    let hour = 0;
    const cycle = (home: string | undefined, gib: number) =>
      runCli(['paper', 'sma-cross', '--once', '--json', '--set', `alerts.diskFree=${gib}`], {
        ...(home === undefined ? {} : { home }),
        env: env(...HOOK),
        clock: hoursIn(hour++),
      });
    const { home } = await cycle(undefined, 1_000_000);
    for (const gib of [1_000_000, 0, 1_000_000]) expect((await cycle(home, gib)).code).toBe(0);
    const low = hooks().flatMap(({ alerts }) => alerts.filter(({ kind }) => kind === 'disk-low'));
    expect(low).toHaveLength(2);
    expect(low[0]?.text).toMatch(/^[0-9.]+ GiB free where .+, the limit is 1000000 GiB/);
  });

  it('a key that is known here for long is told once a day, and its value is nowhere', async () => {
    const settings = ['--set', 'alerts.keyAge=90d'];
    const run = (home: string | undefined, days: number, more: Readonly<Record<string, string>> = {}) =>
      runCli(['paper', 'sma-cross', '--once', '--json', ...settings], {
        ...(home === undefined ? {} : { home }),
        env: { ...env(...HOOK), FRED_API_KEY: 'f00dcafe12345678f00dcafe12345678', ...more },
        clock: hoursIn(days * 24),
      });
    const { home } = await run(undefined, 0);
    expect((await run(home, 89)).code).toBe(0);
    const told = () => hooks().flatMap(({ alerts }) => alerts.filter(({ kind }) => kind === 'key-age'));
    expect(told()).toEqual([]);
    await run(home, 91);
    await run(home, 91.5);
    expect(told().map(({ text }) => text)).toEqual([
      'FRED_API_KEY is in use here for 91 days, the limit is 90 days',
      'WEBHOOK_SECRET is in use here for 91 days, the limit is 90 days',
    ]);
    there.arrivals.length = 0;
    await run(home, 93, { FRED_API_KEY: '0ther0ther0ther0ther0ther0ther00' });
    expect(told().map(({ text }) => text)).toEqual(['WEBHOOK_SECRET is in use here for 93 days, the limit is 90 days']);
    expect(readFileSync(join(home, 'keys-seen.json'), 'utf8')).not.toMatch(/f00d|0ther|secret9/);
  });

  it('settings of another route change no book', async () => {
    const { home } = await runCli('paper sma-cross --once --json', { clock });
    const again = await runCli(
      ['paper', 'sma-cross', '--once', '--json', '--set', 'alerts.digest=5m', '--set', 'alerts.routes={"info":[]}'],
      {
        home,
        clock,
      },
    );
    expect(again.code).toBe(0);
  });
});

describe('status --ack', () => {
  it('shows what nobody has seen, once', async () => {
    const { home } = await runCli('halt --reason test', { env: env(...HOOK), clock });
    const before = await runCli('status --json', { home, clock });
    expect(before.json()['data']).toMatchObject({
      alerts: [{ kind: 'halt', severity: 'critical' }],
      acknowledged: false,
    });
    const ack = await runCli('status --ack', { home, clock });
    expect(ack.stdout).toContain('1 alert(s) acknowledged');
    const after = await runCli('status --json', { home, clock });
    expect(after.json()['data']).toMatchObject({ alerts: [] });
  });

  it('what reached nobody and was not seen is told by the next session; what was seen is not', async () => {
    there.mood = 'dead';
    const { home } = await runCli('halt --reason test', { env: env(...HOOK), clock });
    await runCli('resume --reason ok --confirm paper', { home, clock });
    there.mood = 'healthy';
    there.arrivals.length = 0;
    await runCli('paper sma-cross --once --json', { home, env: env(...HOOK), clock });
    expect(hooks().flatMap(({ alerts }) => alerts.map(({ kind }) => kind))).toContain('halt');
    await runCli('status --ack', { home, clock });
    there.arrivals.length = 0;
    await runCli('paper sma-cross --once --json', { home, env: env(...HOOK), clock });
    expect(hooks().flatMap(({ alerts }) => alerts.map(({ kind }) => kind))).not.toContain('halt');
  });
});
