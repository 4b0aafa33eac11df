import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { CANARIES, leaksIn, leaksUnder } from '../helpers/canaries.js';
import { type HostileBroker, hostileBroker, type Tamper } from '../helpers/hostile-broker.js';
import { everywhere, hostileDesks } from '../helpers/hostile-desk.js';
import { TURNER } from '../helpers/live-desk.js';

const TOKEN = CANARIES['OANDA_TOKEN'] ?? '';
const ECHO = [
  `Invalid credentials ${TOKEN}`,
  `Authorization: Bearer ${TOKEN}`,
  `b64 ${Buffer.from(TOKEN).toString('base64')} url ${encodeURIComponent(TOKEN)} hex ${Buffer.from(TOKEN).toString('hex')}`,
].join(' / ');

let program: BuiltProgram;
let hostile: Awaited<ReturnType<typeof hostileDesks>>;
let broker: HostileBroker;

beforeAll(async () => {
  program = await builtProgram();
}, 90_000);

afterAll(() => program.remove());

// An account of its own for each: with a position that another left, no order would be due.
beforeEach(async () => {
  hostile = await hostileDesks(program, CANARIES);
  broker = hostile.broker;
});

afterEach(async () => {
  await hostile.close();
  hostile.tidy();
});

/** A home and a working folder, and the program with every secret in its environment. */
function desk() {
  const { run, live, ...made } = hostile.desk();
  return {
    ...made,
    account: hostile.account,
    run: async (args: readonly string[]) => (await run(args)).code,
    live: async (...more: string[]) => (await live(...more)).code,
    /** Nothing may be found in what it said and what it left. */
    leaks: () => [...made.outputs.flatMap(leaksIn), ...leaksUnder(made.home), ...leaksUnder(made.cwd)],
  };
}

const onOrders =
  (tamper: Tamper): Tamper =>
  (asked, body) =>
    asked.method === 'POST' ? tamper(asked, body) : undefined;
const says = (status: number, body: unknown): ReturnType<Tamper> => ({ status, body: JSON.stringify(body) });

const HOSTILE: readonly (readonly [string, Tamper, string])[] = [
  ['refuses access and says the token back', () => says(401, { errorMessage: ECHO }), 'BROKER.NO_ACCESS'],
  ['fails and says the token back', () => says(400, { errorMessage: ECHO }), 'BROKER.BAD_REQUEST'],
  ['sends a page that holds the request', () => ({ status: 404, body: `<html>${ECHO}</html>` }), 'BROKER.NOT_FOUND'],
  ['sends half an answer', () => ({ body: `{"account":{"id":"${TOKEN}","x":` }), 'BROKER.MALFORMED'],
  [
    'sends what has another shape',
    () => says(200, { account: { id: [TOKEN], currency: { [TOKEN]: ECHO } } }),
    'BROKER.MALFORMED',
  ],
  [
    'sends numbers that are none',
    (_, body) => ({ body: body.replaceAll(/"balance":"[^"]*"/g, `"balance":"${TOKEN}"`) }),
    'BROKER.MALFORMED',
  ],
  [
    'packs a bomb',
    () => ({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(64 << 20)) }),
    'BROKER.UNREACHABLE',
  ],
];

describe('a secret', () => {
  it.each(HOSTILE)(
    'stays where it is when the broker %s',
    async (_, tamper, code) => {
      const at = desk();
      broker.turn(tamper);
      expect(await at.live()).toBeGreaterThan(0);
      await at.live('--json');
      expect(at.outputs.join()).toContain(code);
      expect(at.leaks()).toEqual([]);
    },
    60_000,
  );

  it('is not sent to where the broker points', async () => {
    const at = desk();
    const elsewhere = await hostileBroker(hostile.standIn.url, 'none');
    for (const status of [301, 302, 307, 308]) {
      broker.turn(() => ({ status, headers: { location: `${elsewhere.url}/v3/accounts?t=${TOKEN}` }, body: ECHO }));
      expect(await at.live()).toBe(6);
    }
    await elsewhere.close();
    expect(elsewhere.tokens).toEqual([]);
    expect(broker.tokens.length).toBeGreaterThan(0);
    expect(at.leaks()).toEqual([]);
  }, 60_000);

  it.each([
    [
      'refuses it with the token in every text',
      onOrders(() =>
        says(400, {
          errorMessage: ECHO,
          errorCode: 'INSUFFICIENT_MARGIN',
          lastTransactionID: '9',
          orderRejectTransaction: {
            id: '9',
            time: '2026-01-05T12:00:00Z',
            type: 'MARKET_ORDER_REJECT',
            rejectReason: 'INSUFFICIENT_MARGIN',
            reason: ECHO,
          },
        }),
      ),
    ],
    ['says no access', onOrders(() => says(401, { errorMessage: ECHO }))],
    ['answers with a page', onOrders(() => ({ status: 502, body: `<html>${ECHO}</html>` }))],
    ['takes it and breaks the connection', onOrders(() => 'reset')],
    ['takes it and says the token everywhere', (_: unknown, body: string) => ({ body: everywhere(body, ECHO) })],
  ] as const)(
    'stays where it is when an order is sent and the broker %s',
    async (_, tamper) => {
      const at = desk();
      broker.turn(tamper as Tamper);
      await at.live();
      broker.turn(() => undefined);
      await at.live('--json');
      const book = `live-${at.account}`;
      expect(existsSync(join(at.home, 'books', book, 'journal.ndjson'))).toBe(true);
      for (const format of ['ndjson', 'csv']) {
        expect(await at.run(['audit', 'export', '--format', format, '--out', join(at.cwd, `trail.${format}`)])).toBe(0);
      }
      await at.run(['audit', 'explain', 'o-1']);
      await at.run([
        'report',
        join(at.home, 'books', book),
        '--html',
        join(at.cwd, 'page.html'),
        '--csv',
        join(at.cwd, 'tables'),
      ]);
      expect(readdirSync(at.cwd)).toEqual(expect.arrayContaining(['trail.ndjson', 'trail.csv']));
      expect(at.leaks()).toEqual([]);
    },
    120_000,
  );

  it('is not in what halt, resume, close-all and status say while the broker is hostile', async () => {
    const at = desk();
    broker.turn(() => undefined);
    await at.live();
    broker.turn(() => says(403, { errorMessage: ECHO }));
    await at.run(['halt', '--reason', 'test', '--verbose']);
    await at.run(['close-all', '--force', '--verbose']);
    await at.run(['status', '--verbose']);
    await at.run(['status', '--json']);
    await at.run(['resume', '--reason', 'test', '--confirm', at.account, '--verbose']);
    expect(at.leaks()).toEqual([]);
  }, 120_000);

  it('is not in what a crash says', async () => {
    const at = desk();
    broker.turn(() => undefined);
    const crash = `const { OANDA_TOKEN } = process.env; setImmediate(() => { throw new Error('boom ' + OANDA_TOKEN); });`;
    writeFileSync(at.strategy, `${TURNER}\n${crash}\n`);
    expect(await at.live()).toBe(1);
    expect(at.outputs.join()).toContain('BUG.UNEXPECTED');
    expect(at.outputs.join()).toContain('boom [secret OANDA_TOKEN]');
    expect(at.leaks()).toEqual([]);
  }, 60_000);

  it('is named and not shown by config, and is not written by what does not need it', async () => {
    const at = desk();
    expect(await at.run(['config', 'show'])).toBe(0);
    expect(await at.run(['config', 'show', '--json'])).toBe(0);
    expect(await at.run(['config', 'check', '--verbose'])).toBe(0);
    expect(await at.run(['backtest', 'sma-cross', '--from', '2024-01-01', '--to', '2024-02-01', '--out', 'run'])).toBe(
      0,
    );
    expect(at.outputs[0]).toMatch(/OANDA_TOKEN +set +env/);
    expect(at.leaks()).toEqual([]);
  }, 60_000);

  it('is not in what the stand-in says', async () => {
    const at = desk();
    const child: ChildProcess = spawn(
      process.execPath,
      [program.bin, '--home', at.home, 'drill', '--serve', '--verbose'],
      {
        env: at.env,
        cwd: at.cwd,
      },
    );
    let text = '';
    const ended = new Promise((done) => child.on('exit', done));
    await new Promise<void>((done) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk) => {
          text += String(chunk);
          if (text.includes('Ctrl-C')) done();
        });
      }
    });
    child.kill('SIGINT');
    await ended;
    expect(text).toContain('export OANDA_TOKEN=fxtrade-sandbox');
    expect([...leaksIn(text), ...at.leaks()]).toEqual([]);
  }, 60_000);
});

describe('a secret out of place is refused and not repeated', () => {
  it.each([
    ['as an argument of config', ['config', 'set', 'OANDA_TOKEN', TOKEN]],
    ['in a section', ['config', 'set', 'risk', `{"OANDA_TOKEN":"${TOKEN}"}`]],
    ['in --set', ['backtest', '--set', `OANDA_TOKEN=${TOKEN}`]],
    ['in --set with a colon', ['backtest', '--set', `OANDA_TOKEN:${TOKEN}`]],
    ['as a flag', ['backtest', `--OANDA_TOKEN=${TOKEN}`]],
    ['as a strategy', ['backtest', TOKEN]],
    ['as a number', ['backtest', '--capital', TOKEN]],
    ['as a book', ['paper', '--book', TOKEN]],
    ['as a word too many', ['config', 'check', TOKEN]],
    ['as a command', [TOKEN]],
  ])('%s', async (_, args) => {
    const at = desk();
    expect(await at.run([...args, '--verbose'])).toBe(2);
    expect(await at.run([...args, '--json'])).toBe(2);
    expect(at.leaks()).toEqual([]);
  });

  it('in config.json, also where it is damaged', async () => {
    for (const text of [
      `{"OANDA_TOKEN":"${TOKEN}"}`,
      `{"oanda":{"token":"${TOKEN}"}}`,
      `{"risk":{"maxPositionBps":"${TOKEN}"}}`,
      `{"OANDA_TOKEN":"${TOKEN}}`,
      `{"OANDA_TOKEN":${TOKEN}}`,
    ]) {
      const at = desk();
      writeFileSync(join(at.home, 'config.json'), text);
      expect(await at.run(['config', 'check', '--verbose'])).toBe(2);
      expect(at.outputs.flatMap(leaksIn)).toEqual([]);
    }
  });

  it.skipIf(process.platform === 'win32')('in a .env that others can read', async () => {
    const at = desk();
    mkdirSync(at.home, { recursive: true });
    writeFileSync(join(at.home, '.env'), `OANDA_TOKEN=${TOKEN}\n`);
    chmodSync(join(at.home, '.env'), 0o640);
    expect(await at.run(['config', 'show', '--verbose'])).toBe(2);
    expect(at.outputs.join()).toContain('CONFIG.ENV_MODE');
    expect(at.leaks()).toEqual([]);
  });
});
