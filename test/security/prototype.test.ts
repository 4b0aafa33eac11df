import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import { openVenue } from '../../src/brokers/registry.js';
import { exportLine } from '../../src/commands/audit/export.js';
import { seededRng } from '../../src/core/base/rng.js';
import { loadSecrets } from '../../src/core/config/secrets.js';
import { loadSettings } from '../../src/core/config/settings.js';
import { mergeCosts } from '../../src/core/costs/merge.js';
import { instrumentId } from '../../src/core/model/ids.js';
import { systemClock, systemStopwatch } from '../../src/core/ports/clock.js';
import { readBinding } from '../../src/core/state/books/book-folder.js';
import { readSnapshot } from '../../src/core/state/books/snapshot.js';
import { parseHalts } from '../../src/core/state/halt-file.js';
import { readRunFile } from '../../src/core/state/runs/run-file.js';
import { readTrials } from '../../src/core/state/runs/trials.js';
import type { Http } from '../../src/wire/message.js';
import { aRunRecord } from '../helpers/a-run-record.js';
import { hourly } from '../helpers/bad-input.js';
import { ACCOUNT } from '../helpers/oanda-sandbox.js';
import { runCli } from '../helpers/run-cli.js';
import { virtualOanda } from '../helpers/virtual-oanda.js';

/** What a naive merge or a path with these names would write into every object of the program. */
const POISON = [
  '"__proto__":{"polluted":1,"isAdmin":true}',
  '"constructor":{"prototype":{"polluted":1}}',
  '"prototype":{"polluted":1}',
  '"__proto__":null',
  '"\\u005f_proto__":{"polluted":1}',
];
const poisoned = (object: string, poison: string): string => object.replace(/\{/g, `{${poison},`).replaceAll(',}', '}');

/** Everything that every object inherits. */
const inherited = () =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype, Number.prototype, Map.prototype].map(
    (one) => Reflect.ownKeys(one).map((key) => [key, Object.getOwnPropertyDescriptor(one, key)?.value] as const),
  );

const clean = inherited();
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fxtrade-proto-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
  expect(inherited()).toEqual(clean);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
  return 'fine';
};

const settings = (sets: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  codeOf(() => loadSettings({ home, cwd: home, env, sets }));

describe.each(POISON)('%s', (poison) => {
  it.each(['{}', '{"risk":{"maxPositionBps":5}}', '{"instruments":{"EUR/USD":{"tick":0.1}}}'])(
    'in config.json %s is refused',
    (text) => {
      writeFileSync(join(home, 'config.json'), poisoned(text, poison));
      expect(settings()).toBe('CONFIG.UNKNOWN_KEY');
    },
  );

  it('in --set is refused', () => {
    for (const key of ['risk', 'instruments', 'instruments.EUR/USD', 'costs']) {
      expect(settings([`${key}={${poison}}`])).toMatch(/^CONFIG\.(UNKNOWN_KEY|INVALID)$/);
    }
  });

  it('in a costs file is refused', () => {
    for (const text of ['{}', '{"spread":{}}', '{"impact":{"adv":{}}}']) {
      expect(codeOf(() => mergeCosts(poisoned(text, poison), 'costs.json'))).toBe('CONFIG.COSTS');
    }
  });

  it('in a fault script is refused or means nothing', () => {
    const text = '{"rules":[{"on":"submit","call":1,"fault":{"kind":"drop-after"}}],"events":[]}';
    const code = codeOf(() => parseFaultScript(JSON.parse(poisoned(text, poison))));
    expect(['CONFIG.FAULTS', 'fine']).toContain(code);
  });

  it('in the latch halts, whatever else stands there', () => {
    const line = '{"id":"x","time":"t","who":"w","reason":"r","scope":"strategy:a","mode":"all"}';
    const [halt] = parseHalts(`${poisoned(line, poison)}\n`);
    expect(halt).toMatchObject({ mode: 'all' });
    expect(parseHalts(`{${poison}}`)).toMatchObject([{ id: 'unknown', scope: 'all' }]);
  });

  it('in book.json is damage or means nothing', () => {
    const binding = { version: 1, kind: 'replay', strategy: 's', codeHash: '', params: {}, configHash: '' };
    const text = JSON.stringify({ ...binding, dataHash: '', arguments: {}, startedAt: '' });
    writeFileSync(join(home, 'book.json'), poisoned(text, poison));
    expect(['STATE.DAMAGED', 'fine']).toContain(codeOf(() => readBinding(home)));
  });

  it('in a snapshot is damage or means nothing', () => {
    const offsets = '"offsets":{"equity":0,"returns":0,"trades":0,"orders":0},"finished":false';
    const whole = `{"version":1,"rows":0,"journal":{"seq":1,"hash":"","bytes":1},${offsets},"state":{"a":{}}}`;
    const body = poisoned(whole, poison);
    const hash = createHash('sha256').update(body).digest('hex');
    writeFileSync(join(home, 'snapshot-000000000001.json'), `{"h":"${hash}","s":${body}}\n`);
    expect(['STATE.DAMAGED', 'fine']).toContain(codeOf(() => readSnapshot(home)));
  });

  it('in run.json, trials and a journal is damage or means nothing', () => {
    writeFileSync(join(home, 'run.json'), poisoned(JSON.stringify(aRunRecord()), poison));
    expect(['STATE.DAMAGED', 'fine']).toContain(codeOf(() => readRunFile(join(home, 'run.json'))));
    writeFileSync(join(home, 'trials.ndjson'), `${poisoned('{"strategy":"s","dataHash":"d","key":"k"}', poison)}\n`);
    expect(codeOf(() => readTrials(home, 's', 'd'))).toBe('fine');
    const record = poisoned('{"v":1,"seq":1,"type":"decided","decision":{"reason":"r"},"order":{}}', poison);
    expect(codeOf(() => exportLine('csv', 'b', record, 'h'))).toBe('fine');
  });

  it('in every object of every answer of a broker means nothing', async () => {
    const answers: string[] = [];
    const venue = await venueThrough((body) => {
      const bad = poisoned(body, poison);
      answers.push(bad);
      return bad;
    });
    await Promise.allSettled([
      venue.account(),
      venue.openOrders(),
      venue.positions(),
      venue.history('1'),
      venue.instruments([instrumentId('EUR/USD')]),
    ]);
    expect(answers.length).toBeGreaterThan(3);
  });
});

/** The adapter at the stand-in, over a network that changes every answer. */
async function venueThrough(change: (body: string) => string) {
  const { sandbox, now } = virtualOanda({ seed: 1, symbols: ['EUR/USD'] });
  const http: Http = {
    async send({ method, url, headers, body }) {
      const { pathname, search } = new URL(url);
      const asked = { method, path: `${pathname}${search}`, headers, ...(body === undefined ? {} : { body }) };
      const reply = sandbox.handle(asked, now());
      return { ...reply, body: change(reply.body) };
    },
    async *lines() {},
  };
  const env = { OANDA_TOKEN: 'sandbox-token', OANDA_ACCOUNT_ID: ACCOUNT, OANDA_BASE_URL: 'http://127.0.0.1:1' };
  return openVenue('oanda', {
    secrets: loadSecrets({ home, cwd: home, env }),
    clock: systemClock(),
    stopwatch: systemStopwatch(),
    wait: async () => undefined,
    rng: seededRng('x'),
    http,
  });
}

describe('a path of settings that reaches for what all objects share', () => {
  it.each([
    '__proto__.polluted=1',
    '__proto__={"polluted":1}',
    'constructor.prototype.polluted=1',
    'risk.__proto__.polluted=1',
    'risk.constructor.prototype.polluted=1',
    'instruments.__proto__.tick=1',
    'instruments."__proto__".tick=1',
    'instruments.constructor.tick=1',
    'risk.toString=1',
    'hasOwnProperty=1',
  ])('--set %s is refused', async (text) => {
    expect(settings([text])).toMatch(/^(CONFIG\.(UNKNOWN_KEY|INVALID)|USAGE\.SET)$/);
    const [key = '', value = ''] = text.split('=');
    const ran = await runCli(['config', 'set', key, value, '--json'], { home });
    expect(ran.code).toBe(2);
  });

  it.each([
    'FXTRADE___PROTO____POLLUTED',
    'FXTRADE_CONSTRUCTOR__PROTOTYPE__POLLUTED',
    'FXTRADE_RISK____PROTO____X',
    'FXTRADE_INSTRUMENTS____PROTO____TICK',
  ])('%s in the environment and in .env is refused', (name) => {
    expect(settings([], { [name]: '1' })).toBe('CONFIG.UNKNOWN_KEY');
    writeFileSync(join(home, '.env'), `${name}=1\n__proto__=1\nconstructor=2\n`);
    chmodSync(join(home, '.env'), 0o600);
    expect(settings()).toBe('CONFIG.UNKNOWN_KEY');
    writeFileSync(join(home, '.env'), '__proto__=1\nconstructor=2\nOANDA_ENV=practice\n');
    expect(loadSecrets({ home, cwd: home, env: {} }).names()).toEqual(['OANDA_ENV']);
  });

  it.each(['__proto__=1', 'constructor=1', 'toString=1', '__proto__.polluted=1'])(
    'a parameter %s is refused',
    async (text) => {
      const line = ['backtest', 'sma-cross', '--from', '2024-01-01', '--to', '2024-01-03', '--param', text, '--json'];
      expect((await runCli(line, { home })).lines().at(-1)).toMatchObject({
        ok: false,
        error: { code: 'STRATEGY.PARAM' },
      });
    },
  );

  it('names of instruments, columns and books are names, whatever they are', async () => {
    mkdirSync(join(home, 'cwd'));
    writeFileSync(join(home, 'cwd', '__proto__.csv'), hourly(60).replace('close', '__proto__'));
    for (const line of [
      'backtest sma-cross --data __proto__.csv',
      'backtest sma-cross --instruments __proto__',
      'backtest __proto__',
      'backtest constructor',
      'report __proto__',
      'report --explain constructor',
      'halt --scope strategy:__proto__ --latch-only',
      '__proto__',
      'constructor',
    ]) {
      const ran = await runCli([...line.split(' '), '--json'], { home, cwd: join(home, 'cwd') });
      expect([line, ran.code, [0, 2].includes(ran.code)]).toEqual([line, ran.code, true]);
    }
  });

  it('settings hold against any JSON', () => {
    const key = fc.constantFrom('__proto__', 'constructor', 'prototype', 'risk', 'instruments', 'EUR/USD', 'tick', 'x');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.string(), tie('object')),
      object: fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        writeFileSync(join(home, 'config.json'), textOf(value));
        expect(settings()).toMatch(/^(fine|CONFIG\.[A-Z_]+)$/);
        expect(({} as { x?: unknown }).x).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

/** Lists of pairs as JSON objects: the keys of a real object could not be all of these. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return `{${(value as [string, unknown][]).map(([key, one]) => `${JSON.stringify(key)}:${textOf(one)}`).join(',')}}`;
}
