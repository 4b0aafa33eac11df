import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../src/commands/probes/run-subjects.js';
import { replayClock, systemClock } from '../../src/core/ports/clock.js';
import { oldKeys } from '../../src/core/state/alerts/key-ages.js';
import { type LoopbackServer, listen, type Responder } from '../../src/wire/server.js';
import { everyStandIn } from '../helpers/every-stand-in.js';
import { type RunCliOptions, runCli } from '../helpers/run-cli.js';
import { ecbStandIn } from '../helpers/vendors/free.js';
import { KEY } from '../helpers/vendors/keyed.js';

type Env = Readonly<Record<string, string>>;
let all: Awaited<ReturnType<typeof everyStandIn>>;
beforeAll(async () => {
  all = await everyStandIn();
}, 30_000);
afterAll(() => all.close());
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const opened = <T extends { close(): Promise<void> }>(one: T): T => {
  open.push(one);
  return one;
};

/** Hosts on this machine for those that need no key, so that no test leaves it. */
const hosts = (): Env => Object.fromEntries(Object.entries(all.env).filter(([name]) => name.endsWith('_BASE_URL')));

async function tested(flags: string, env: Env, options: RunCliOptions = {}) {
  const result = await runCli(`test-feeds ${flags} --json`, { clock: systemClock(), env, ...options });
  const data = result.json()['data'] as { readonly probes: readonly ProbeResult[]; readonly fresh: boolean };
  const of = (name: string): ProbeResult | undefined => data?.probes.find((one) => one.name === name);
  return { ...result, ...data, of, texts: result.stdout + result.stderr };
}

describe('test-feeds in a fresh home', () => {
  it('fails, and each line says what to set and where to get it', async () => {
    const { code, fresh, probes, of } = await tested('', hosts());
    expect([code, fresh]).toEqual([4, true]);
    const names = Object.entries({
      alphavantage: 'ALPHAVANTAGE_API_KEY',
      polygon: 'POLYGON_API_KEY',
      tiingo: 'TIINGO_API_KEY',
      alpaca: 'ALPACA_API_KEY, ALPACA_SECRET_KEY',
      oanda: 'OANDA_TOKEN, OANDA_ACCOUNT_ID',
      email: 'SMTP_URL, EMAIL_FROM, EMAIL_TO',
      slack: 'SLACK_WEBHOOK',
      discord: 'DISCORD_WEBHOOK',
      telegram: 'TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID',
      sms: 'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, ALERT_PHONE',
      voice: 'TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, ALERT_PHONE',
      webhook: 'WEBHOOK_URL',
      ping: 'HEARTBEAT_URL',
    });
    for (const [subject, missing] of names) {
      const line = of(`${subject}.key`);
      expect(line?.status).toBe('fail');
      expect(line?.detail).toContain(missing);
      expect(line?.next).toMatch(
        new RegExp(`^set ${missing} in the environment or in \\.env \\(mode 0600\\); from: .{8,}`),
      );
    }
    expect(probes.filter(({ status, next }) => status !== 'pass' && (next ?? '') === '')).toEqual([]);
  });

  it('shows a person a table and what to do, and leaves the home as it was', async () => {
    const { code, stdout, home } = await runCli('test-feeds', { clock: systemClock(), env: hosts() });
    expect(code).toBe(4);
    expect(stdout).toMatch(/^fail {2}oanda\.key +OANDA_TOKEN, OANDA_ACCOUNT_ID are not set$/m);
    expect(stdout).toMatch(
      /^to do$[\s\S]*^ {2}oanda\.key: set OANDA_TOKEN, OANDA_ACCOUNT_ID in .* https:\/\/www\.oanda\.com/m,
    );
    expect(readdirSync(home)).toEqual([]);
  });

  it('does not take a missing key for a finding once something is set up, unless it is used or asked for', async () => {
    const env = { ...hosts(), BIS_BASE_URL: all.bis.url, POLYGON_API_KEY: KEY };
    expect((await tested('--only tiingo', env)).code).toBe(4);
    const { of } = await tested('--only feeds,brokers', env);
    expect(of('tiingo.key')?.status).toBe('warn');
    expect(of('oanda.key')?.status).toBe('warn');
    const chosen = await tested('--only brokers', { ...env, BROKER_TYPE: 'oanda' });
    expect([chosen.code, chosen.of('oanda.key')?.status]).toEqual([4, 'fail']);
    const half = await tested('--only feeds', { ...env, ALPACA_API_KEY: KEY });
    expect(half.of('alpaca.key')?.detail).toBe('ALPACA_SECRET_KEY is not set');
    expect(half.of('alpaca.key')?.status).toBe('fail');
  });
});

describe('test-feeds with everything set up', () => {
  it('passes: keys, network, access, freshness of all, and sends no message', async () => {
    const { code, probes, of, texts } = await tested('', all.env);
    expect(probes.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(code).toBe(0);
    for (const feed of ['ecb', 'bis', 'fred', 'polygon', 'tiingo', 'alpaca', 'alphavantage']) {
      for (const check of ['network', 'access', 'freshness']) expect(of(`${feed}.${check}`)?.status).toBe('pass');
    }
    for (const feed of ['polygon', 'tiingo', 'alpaca']) {
      expect(of(`${feed}.stream`)).toMatchObject({
        status: 'pass',
        detail: expect.stringMatching(/^stands after [\d.]+ s; (a quote of \S+ came|the market of \S+ is shut.*)$/),
      });
    }
    for (const check of ['network', 'access', 'permissions', 'clock', 'freshness', 'stream']) {
      expect(of(`oanda.${check}`)?.status).toBe('pass');
    }
    expect(of('oanda.access')?.detail).toMatch(/a practice account in USD$/);
    expect(of('clock.skew')?.status).toBe('pass');
    for (const name of ['email', 'slack', 'discord', 'telegram', 'sms', 'voice', 'webhook', 'ping']) {
      expect(of(`${name}.message`)?.detail).toContain('nothing was sent');
    }
    expect([all.channels.arrivals.length, all.channels.letters.length]).toEqual([0, 0]);
    for (const secret of [KEY, 'sandbox-token', 'secret9', 'S3cr+t']) expect(texts).not.toContain(secret);
  });

  it('sends a test message to the channels that are named, with --send', async () => {
    const { code, of } = await tested('--only slack,email --send', all.env);
    expect([code, of('slack.message')?.status, of('email.message')?.status]).toEqual([0, 'pass', 'pass']);
    expect([all.channels.to('/services/').length, all.channels.letters.length]).toEqual([1, 1]);
    all.channels.mood = 'gone';
    const gone = await tested('--only slack --send', all.env);
    all.channels.mood = 'healthy';
    expect([gone.code, gone.of('slack.message')?.status]).toEqual([4, 'fail']);
  });

  it('tells of instruments of the settings that a vendor does not have', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-feeds-'));
    const instruments = { 'EUR/USD': { group: 'a' }, AAPL: { group: 'b' }, 'EUR/NOK': { group: 'c' } };
    writeFileSync(join(home, 'config.json'), JSON.stringify({ instruments }), { mode: 0o600 });
    const { of } = await tested('--only ecb,alpaca,polygon,oanda', all.env, { home });
    expect(of('ecb.coverage')?.detail).toMatch(/has 1 of 3 .* not: AAPL, EUR\/NOK/);
    expect(of('alpaca.coverage')?.detail).toMatch(/not: EUR\/USD, EUR\/NOK/);
    expect(of('polygon.coverage')?.status).toBe('pass');
    expect(of('oanda.coverage')?.detail).toMatch(/does not trade AAPL, EUR\/NOK/);
  });

  it('asks all at the same time: hosts that answer only when every one of them was asked do answer', async () => {
    const waiting: Responder[] = [];
    const names = ['ECB', 'BIS', 'FRED'];
    const answerAll = (responder: Responder): void => {
      waiting.push(responder);
      if (waiting.length >= names.length) for (const one of waiting) one.reply(404, {}, '');
    };
    const servers = await Promise.all(names.map(() => listen((_, responder) => answerAll(responder))));
    const env = Object.fromEntries(
      names.map((name, i) => [`${name}_BASE_URL`, opened(servers[i] as LoopbackServer).url]),
    );
    const { of } = await tested('--only ecb,bis,fred --timeout 20s', env);
    for (const name of names) expect(of(`${name.toLowerCase()}.network`)?.status).toBe('pass');
  });
});

describe('test-feeds of a stream', () => {
  it.each([
    ['no-plan', 'warn', /does not stream this to your plan/],
    ['taken', 'warn', /another program has it/],
    ['no-key', 'fail', /refused the key for its stream/],
    ['outage', 'fail', /is in trouble \(status 503\)/],
    ['mute', 'fail', /no answer within/],
  ] as const)('%s is a %s', async (mood, status, detail) => {
    all.streams.polygon.mood = () => mood;
    const { of, texts } = await tested('--only polygon --timeout 1500ms', all.env);
    all.streams.polygon.mood = () => 'well';
    expect(of('polygon.stream')).toMatchObject({ status, detail: expect.stringMatching(detail) });
    expect(of('polygon.stream')?.next).not.toBe('');
    expect(texts).not.toContain(KEY);
  });

  it.each([
    ['2026-01-10T15:00:00Z', 'pass', /the market of EUR\/USD is shut/],
    ['2026-01-07T15:00:00Z', 'warn', /no quote of EUR\/USD within 2.0 s although its market is open/],
  ])('without a quote at %s is a %s', async (now, status, detail) => {
    const { first } = all.streams.polygon;
    all.streams.polygon.first = undefined;
    const clock = replayClock(Date.parse(now));
    const { of } = await tested('--only polygon', all.env, { clock });
    all.streams.polygon.first = first;
    expect(of('polygon.stream')).toMatchObject({ status, detail: expect.stringMatching(detail) });
  });
});

describe('test-feeds names what is wrong', () => {
  it('a key that is refused, without the key', async () => {
    const bad = 'WRONG-KEY-9876543210';
    const { code, of, texts } = await tested('--only polygon,oanda', {
      ...all.env,
      POLYGON_API_KEY: bad,
      OANDA_TOKEN: bad,
    });
    expect(code).toBe(4);
    expect(of('polygon.key')?.detail).toMatch(/^POLYGON_API_KEY \(20 characters\) does not look like one/);
    expect(of('polygon.access')?.detail).toMatch(/refused the key/);
    expect(of('polygon.access')?.next).toContain('POLYGON_API_KEY');
    expect(of('oanda.access')?.status).toBe('fail');
    expect(of('oanda.permissions')).toBeUndefined();
    expect(texts).not.toContain(bad);
  });

  it('a practice account that is asked for as live', async () => {
    const { of } = await tested('--only oanda', { ...all.env, OANDA_ENV: 'live' });
    expect(of('oanda.access')?.detail).toMatch(/OANDA_ENV is live, and account 101-.* is a practice account/);
    expect(of('oanda.access')?.next).toContain('OANDA_ENV=practice');
  });

  it('a broker that does not exist', async () => {
    const { code, of } = await tested('--only broker', { BROKER_TYPE: 'nobody' });
    expect([code, of('broker.chosen')?.next]).toEqual([4, 'set BROKER_TYPE to one of: oanda']);
  });

  it('a host on which nobody listens', async () => {
    const dead = await listen(() => undefined);
    await dead.close();
    const { of } = await tested('--only polygon', { ...all.env, POLYGON_BASE_URL: dead.url });
    expect(of('polygon.network')?.detail).toBe(`${dead.url} cannot be reached: refused`);
    expect(of('polygon.access')).toBeUndefined();
  });

  it('a host that never answers, at the deadline, while others are not held up', async () => {
    const silent = opened(await listen(() => undefined));
    const env = { ...all.env, POLYGON_BASE_URL: silent.url };
    const { code, of } = await tested('--only polygon,tiingo --timeout 2s', env);
    expect(code).toBe(4);
    expect(of('polygon.network')?.detail).toMatch(/no answer within 2.0 s|cannot be reached: timeout/);
    expect(of('tiingo.access')?.status).toBe('pass');
  });

  it.each([
    [3_600_000, 'fail', /behind the clocks/],
    [-10_000, 'warn', /ahead of the clocks/],
  ])('a clock that is %d ms off', async (ms, status, words) => {
    const server = opened(
      await listen((_, to) => to.reply(404, { date: new Date(systemClock().now() + ms).toUTCString() }, '')),
    );
    const env = Object.fromEntries(['ECB', 'BIS', 'FRED'].map((name) => [`${name}_BASE_URL`, server.url]));
    const { of } = await tested('--only clock', env);
    expect(of('clock.skew')?.status).toBe(status);
    expect(of('clock.skew')?.detail).toMatch(words);
    expect(of('clock.skew')?.next).toContain('timedatectl');
  });

  it('data that is weeks old', async () => {
    const old = opened(await ecbStandIn('Date,USD\n2018-12-31,1.145\n'));
    const { code, of } = await tested('--only ecb', { ECB_BASE_URL: old.url });
    expect([code, of('ecb.freshness')?.status]).toEqual([4, 'fail']);
    expect(of('ecb.freshness')?.detail).toMatch(/2018-12-31, \d+ days old .*, limit is 4 days/);
  });

  it('a .env that others can read, and goes on with the keys of the environment', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-feeds-'));
    writeFileSync(join(home, '.env'), 'OANDA_TOKEN=abcdefabcdef\n', { mode: 0o644 });
    const { code, of, texts } = await tested('--only env,polygon', all.env, { home });
    expect([code, of('env.working-folder')?.status]).toEqual([4, 'fail']);
    expect(of('env.working-folder')?.next).toContain(`chmod 600 ${join(home, '.env')}`);
    expect(of('polygon.access')?.status).toBe('pass');
    expect(texts).not.toContain('abcdefabcdef');
  });

  it('a .env that cannot be read', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-feeds-'));
    writeFileSync(join(home, '.env'), 'X'.repeat(1_000_001), { mode: 0o600 });
    const { of } = await tested('--only env', {}, { home });
    expect(of('env.working-folder')?.detail).toMatch(/cannot be read/);
  });

  it('keys that sessions have known for long, and changes no record of them', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-feeds-'));
    const env = { POLYGON_API_KEY: KEY };
    const asked = async (...set: readonly string[]) =>
      (await tested(['--only env', ...set].join(' '), env, { home })).of('env.key-age');
    expect(await asked()).toMatchObject({ status: 'pass', detail: expect.stringMatching(/no session/) });
    const secrets = [{ name: 'POLYGON_API_KEY', reveal: () => KEY }];
    const since = systemClock().now() - 91.5 * 86_400_000;
    oldKeys(home, secrets, { now: since, limitMs: 1 });
    const before = readFileSync(join(home, 'keys-seen.json'), 'utf8');
    expect(await asked()).toMatchObject({
      status: 'warn',
      detail: 'in use for longer than 90 days: POLYGON_API_KEY 91 days',
      next: expect.stringContaining('renew the key'),
    });
    writeFileSync(join(home, 'config.json'), '{"alerts":{"keyAge":"100d"}}');
    expect(await asked()).toMatchObject({
      status: 'pass',
      detail: 'the oldest is POLYGON_API_KEY, in use here for 91 days',
    });
    expect(readFileSync(join(home, 'keys-seen.json'), 'utf8')).toBe(before);
    writeFileSync(join(home, 'keys-seen.json'), 'garbage');
    expect((await asked())?.status).toBe('warn');
  });

  it('settings that are not understood', async () => {
    const { of } = await tested('--only settings', { FXTRADE_RISK__NOTHING: '1' });
    expect(of('settings.config')?.status).toBe('fail');
  });

  it('a home that cannot be written', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'fxtrade-feeds-')), 'file');
    writeFileSync(file, '');
    const { code, of } = await tested('--only home', {}, { home: join(file, 'home'), cwd: tmpdir() });
    expect([code, of('home.folder')?.status]).toEqual([4, 'fail']);
    expect(of('home.folder')?.next).toContain('--home DIR');
  });
});

describe('test-feeds refuses', () => {
  it.each([
    ['--only polygone', /choose from|did you mean/i],
    ['--send', /--only/],
    ['--only ecb --send', /--only slack --send/],
    ['--timeout 0s', /--timeout/],
  ])('%s', async (flags, words) => {
    const { code, stdout } = await runCli(`test-feeds ${flags} --json`, { env: hosts() });
    expect(code).toBe(2);
    expect(stdout).toMatch(words);
  });
});
