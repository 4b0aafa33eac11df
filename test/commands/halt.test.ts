import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whoAmI } from '../../src/commands/halt.js';
import { readHalts } from '../../src/core/state/halt-file.js';
import { acquireLock } from '../../src/core/state/lock/lock.js';
import { alertStandIns } from '../helpers/alert-stand-ins.js';
import { leftLiveBook } from '../helpers/loopback-broker.js';
import { ACCOUNT } from '../helpers/oanda-sandbox.js';
import { runCli, TEST_NOW } from '../helpers/run-cli.js';

const newHome = (): string => mkdtempSync(join(tmpdir(), 'fxtrade-test-'));
const textOf = (result: { stdout: string }): string[] => result.stdout.trim().split('\n');

it('halt sets the latch, asks nothing and says what it did', async () => {
  const { code, json, home } = await runCli('halt --reason "spread blew out" --json');
  expect(code).toBe(0);
  expect(json()).toEqual({
    ok: true,
    command: 'halt',
    version: '0.0.0-test',
    data: {
      haltedAt: '2026-01-05T12:00:00.000Z',
      scope: 'all',
      mode: 'all',
      reason: 'spread blew out',
      latch: join(home, 'HALT'),
      entriesBlocked: true,
      cancelled: [],
      kept: [],
      notProven: [],
      accounts: [],
      sessions: [],
    },
  });
  const [line] = readFileSync(join(home, 'HALT'), 'utf8').trim().split('\n');
  expect(Object.keys(JSON.parse(line ?? ''))).toEqual(['id', 'time', 'who', 'reason', 'scope', 'mode']);
});

it('a second halt is added to the first', async () => {
  const { home } = await runCli('halt --scope broker:sim --mode reduce-only --latch-only');
  await runCli('--quiet halt --scope instrument:eur/usd', { home });
  expect(readHalts(home)).toMatchObject([
    { scope: 'broker:sim', mode: 'reduce-only' },
    { scope: 'instrument:EUR/USD', mode: 'all' },
  ]);
});

it('halt works with settings that nobody can read', async () => {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-test-'));
  writeFileSync(join(home, 'config.json'), '{{{');
  expect((await runCli('halt', { home })).code).toBe(0);
  expect(readHalts(home)).toHaveLength(1);
});

it.each([
  ['--scope desk:1', 'USAGE.BAD_VALUE'],
  ['--scope broker:oand', 'USAGE.BAD_VALUE'],
  ['--mode some', 'USAGE.BAD_VALUE'],
  ['--reson x', 'USAGE.UNKNOWN_FLAG'],
  ['--reason', 'USAGE.MISSING_VALUE'],
  ['--reason --json', 'USAGE.MISSING_VALUE'],
  ['now', 'USAGE.TOO_MANY_ARGUMENTS'],
])('halt %s halts nothing and is exit 2 (%s)', async (flags, error) => {
  const { code, json, home } = await runCli(`halt ${flags} --json`);
  expect([code, json()]).toMatchObject([2, { ok: false, command: 'halt', error: { code: error } }]);
  expect(readHalts(home)).toEqual([]);
});

it('a latch that cannot be written is exit 7 and says where', async () => {
  const home = join(mkdtempSync(join(tmpdir(), 'fxtrade-test-')), 'file');
  writeFileSync(home, '');
  const { code, json } = await runCli('halt --json', { home });
  expect([code, json()]).toMatchObject([7, { ok: false, error: { code: 'STATE.WRONG_KIND' } }]);
});

it('a HALT that is a folder cannot take a line: exit 7, and everything is halted', async () => {
  const { home } = await runCli('--version');
  mkdirSync(join(home, 'HALT'), { recursive: true });
  expect((await runCli('halt', { home })).code).toBe(7);
  expect(readHalts(home)).toHaveLength(1);
});

it('a reason with control characters cannot act on the terminal', async () => {
  const { stdout } = await runCli(['halt', '--reason', `x${String.fromCharCode(27)}[2J\ny`]);
  expect(stdout).toContain('x\\x1b[2J\\ny');
});

describe('what halt says to a person', () => {
  it('is what stopped, when, why, where the latch is, and the way out', async () => {
    const result = await runCli('halt --reason "spread blew out"');
    expect(textOf(result)).toEqual([
      'HALTED all trading at 2026-01-05T12:00:00.000Z: spread blew out',
      `latch: ${join(result.home, 'HALT')}`,
      'no order goes out; a running session reads the latch before every order and cancels what could grow risk',
      'the way out: fxtrade resume --reason TEXT',
    ]);
  });

  it('names a narrower halt as what it is', async () => {
    const [what, , out] = textOf(await runCli('halt --scope strategy:carry --mode reduce-only'));
    expect(what).toBe('HALTED strategy:carry at 2026-01-05T12:00:00.000Z: no reason given');
    expect(out).toMatch(/^only exits go out;/);
  });
});

it('the line of a halt says who, when, in which process, and that no reason was given', async () => {
  const { home } = await runCli('halt');
  expect(readHalts(home)).toEqual([
    {
      id: `h-${TEST_NOW.toString(36)}-${process.pid.toString(36)}`,
      time: '2026-01-05T12:00:00.000Z',
      who: `${userInfo().username}@${hostname()}`,
      reason: 'no reason given',
      scope: 'all',
      mode: 'all',
    },
  ]);
});

describe('a scope', () => {
  it.each(['sim', 'oanda', 'ibkr', 'alpaca', 'binance', 'bybit'])('broker:%s is one', async (broker) => {
    const { code, home } = await runCli(`halt --scope broker:${broker}`);
    expect([code, readHalts(home)[0]?.scope]).toEqual([0, `broker:${broker}`]);
  });

  it('of another broker is refused with those there are, another word with how it is written', async () => {
    const said = async (scope: string) => (await runCli(`halt --scope ${scope} --json`)).json()['error'];
    expect(await said('broker:oand')).toMatchObject({
      message: '--scope is "broker:oand", which halts nothing',
      next: 'Choose a broker: sim, oanda, ibkr, alpaca, binance, bybit',
    });
    expect(await said('instrument')).toMatchObject({
      message: '--scope is "instrument", which halts nothing',
      next: 'write all, broker:NAME, strategy:NAME or instrument:EUR/USD; fxtrade halt alone stops everything',
    });
  });
});

describe('a latch that cannot be written', () => {
  it('says what stands in its place, and nothing of brokers where there is none', async () => {
    const home = newHome();
    mkdirSync(join(home, 'HALT'));
    const { message, facts } = (await runCli('halt --json', { home })).json()['error'] as Told;
    expect(message).toMatch(/HALT[^;]*[.] What is there in its place halts everything$/);
    expect(facts).toMatchObject({
      entriesBlocked: true,
      cancelled: [],
      notProven: [],
      killed: [],
      path: join(home, 'HALT'),
    });
  });

  it.runIf(process.platform === 'linux')('says that sessions trade when nothing stands there', async () => {
    // Nobody, not even root, makes a folder there.
    const { code, json } = await runCli('halt --json', { home: '/proc/fxtrade-none' });
    const { message, facts } = json()['error'] as Told;
    expect(code).toBe(7);
    expect(message).toMatch(/[.] A session that is started now trades$/);
    expect(facts).toMatchObject({ entriesBlocked: false });
  });

  it('says what was and was not done at the brokers', async () => {
    const { home } = leftLiveBook();
    mkdirSync(join(home, 'HALT'));
    const { code, json } = await runCli('halt --json', { home });
    const { message, facts } = json()['error'] as Told;
    expect(code).toBe(7);
    expect(message).toContain(
      '; at the brokers 0 order(s) were cancelled, 1 thing(s) not proven, 0 session(s) ended. What is there',
    );
    expect(facts).toMatchObject({ cancelled: [], notProven: [expect.any(String)], killed: [] });
  });
});

interface Told {
  readonly message: string;
  readonly facts: object;
}

describe('a halt where there may be brokers', () => {
  it('given a live book and no keys, names what it could not ask, to a person too: exit 6', async () => {
    const { home } = leftLiveBook();
    const result = await runCli('halt', { home });
    expect(result.code).toBe(6);
    expect(result.stdout).toContain('NOT PROVEN (1)');
    expect(result.stdout).toContain(ACCOUNT);
    expect(readHalts(home)).toHaveLength(1);
  });

  it('--latch-only asks nobody', async () => {
    const { home } = leftLiveBook();
    expect((await runCli('halt --latch-only --json', { home })).json()['data']).toMatchObject({ notProven: [] });
  });

  it.each([
    ['BROKER_TYPE names one', { BROKER_TYPE: 'oanda', OANDA_ACCOUNT_ID: ACCOUNT }, '', 6],
    ['BROKER_TYPE names the simulated one', { BROKER_TYPE: 'sim' }, '', 0],
    ['the .env names one', {}, `BROKER_TYPE=oanda\nOANDA_ACCOUNT_ID=${ACCOUNT}\n`, 6],
    ['nothing names one', {}, 'OTHER=1\n', 0],
  ])('%s', async (_, env, file, code) => {
    const home = newHome();
    writeFileSync(join(home, '.env'), file);
    expect((await runCli('halt --json', { home, env })).code).toBe(code);
  });

  it('names a paper session that reads the latch itself', async () => {
    const home = newHome();
    const folder = join(home, 'books', 'paper-evening');
    const lock = await acquireLock(folder);
    writeFileSync(join(folder, 'book.json'), '{}');
    const result = await runCli('halt', { home });
    lock.release();
    expect(result.code).toBe(0);
    expect(result.stdout).toContain(`session paper-evening (process ${process.pid}): reads the latch itself`);
    expect(result.stdout).toContain('proven: no order that could open or grow risk works');
  });
});

describe('who is far away', () => {
  it('is told what stopped, by whom, why, and what is not proven', async () => {
    const there = await alertStandIns();
    const { WEBHOOK_URL = '', WEBHOOK_SECRET = '' } = there.env;
    const env = { WEBHOOK_URL, WEBHOOK_SECRET };
    await runCli('halt --scope strategy:carry --mode reduce-only --reason drill', { env });
    await runCli('halt', { env, home: leftLiveBook().home });
    await there.close();
    const who = `${userInfo().username}@${hostname()}`;
    const alerts = there.to('/hook').flatMap(({ body }) => (JSON.parse(body) as { alerts: object[] }).alerts);
    expect(alerts).toMatchObject([
      {
        kind: 'halt',
        subject: 'strategy:carry',
        source: 'halt',
        text: `strategy:carry (reduce-only) by ${who}: drill`,
      },
      {
        kind: 'halt',
        subject: 'all',
        source: 'halt',
        text: `all (all) by ${who}: no reason given; 1 thing(s) not proven, look at the broker`,
      },
    ]);
  });
});

describe('a halt that failed', () => {
  it('is told far away by what failed, with what to do; one that was typed wrong is not', async () => {
    const there = await alertStandIns();
    const { WEBHOOK_URL = '', WEBHOOK_SECRET = '' } = there.env;
    const env = { WEBHOOK_URL, WEBHOOK_SECRET };
    const home = newHome();
    mkdirSync(join(home, 'HALT'));
    await runCli('halt --scope desk:1', { env });
    await runCli('halt --scope strategy:carry --mode reduce-only --reason drill', { env, home });
    await there.close();
    const alerts = there.to('/hook').flatMap(({ body }) => (JSON.parse(body) as { alerts: { text: string }[] }).alerts);
    const who = `${userInfo().username}@${hostname()}`;
    expect(alerts.at(-1)).toMatchObject({ kind: 'halt', subject: 'STATE.WRONG_KIND', source: 'halt' });
    expect(alerts.at(-1)?.text).toContain(`strategy:carry (reduce-only) by ${who}: drill: STATE.WRONG_KIND: could not`);
    for (const { text } of alerts) expect(text).toContain('strategy:carry');
  });
});

describe('who halted', () => {
  const nobody = (): string => {
    throw new Error('no such user');
  };

  it.each([
    [{ USER: 'ann', LOGNAME: 'bob' }, 'ann'],
    [{ LOGNAME: 'bob' }, 'bob'],
    [{}, 'unknown'],
  ])('is told from %j where the system has no name: %s', (env, name) => {
    expect(whoAmI(env, nobody)).toBe(`${name}@${hostname()}`);
  });

  it('is the name that the system knows, whatever the environment says', () => {
    expect(whoAmI({ USER: 'ann' })).toBe(`${userInfo().username}@${hostname()}`);
  });
});
