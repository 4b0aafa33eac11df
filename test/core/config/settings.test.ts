import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import type { InstrumentSettings, RawSettings } from '../../../src/core/config/schema.js';
import { type LoadedSettings, loadSettings, type SettingsInput } from '../../../src/core/config/settings.js';
import { presetLimits, standardLimits } from '../../../src/core/risk/presets.js';

let root = '';
let home = '';
let cwd = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fxtrade-config-'));
  home = join(root, 'home');
  cwd = join(root, 'cwd');
  mkdirSync(home);
  mkdirSync(cwd);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const load = (change: Partial<SettingsInput> = {}): LoadedSettings =>
  loadSettings({ home, cwd, env: {}, sets: [], ...change });
const set = (...sets: string[]) => load({ sets });
const config = (value: unknown) =>
  writeFileSync(join(home, 'config.json'), typeof value === 'string' ? value : JSON.stringify(value));

function errorOf(run: () => unknown): FxError {
  try {
    run();
  } catch (error) {
    if (error instanceof FxError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('without any source', () => {
  it('the defaults are the standard preset', () => {
    const { settings, sources } = load();
    expect(settings.risk).toEqual(standardLimits);
    expect(settings).toMatchObject({
      account: { currency: 'USD', capital: 100_000 },
      approval: { required: 'live', timeoutMs: 1_800_000 },
      strategy: { timeoutMs: 5000 },
      riskPreset: 'standard',
      sizing: { method: 'fixed-fractional', units: 10_000 },
    });
    expect(settings.instruments.size).toBe(0);
    expect(sources.get('risk.maxQuoteAge.market')).toEqual({ value: '2s', source: 'default' });
    expect(sources.get('risk.maxRateAge')).toEqual({ value: '45d', source: 'default' });
    expect([...sources.keys()]).toEqual([...sources.keys()].sort());
  });

  it('of the news belong to what a book is only where they are set: older books know none', () => {
    expect(load().canonical).not.toContain('"news"');
    expect(set('news.filter=0.2').canonical).toContain('"news":{"filter":0.2}');
    const { news } = set('news.filter=0.2', 'news.halfLife=8h').settings;
    expect(news).toEqual({ scorer: 'vendor-lexicon', halfLifeMs: 28_800_000, filter: 0.2 });
  });

  it('the defaults written into config.json read back as themselves', () => {
    const { canonical, settings } = load();
    config(canonical);
    expect(load().settings).toEqual(settings);
    expect(load().canonical).toBe(canonical);
  });
});

describe('sources', () => {
  const layers: [string, () => Partial<SettingsInput>][] = [
    [
      'config.json',
      () => {
        config({ risk: { maxPositionBps: 1 } });
        return {};
      },
    ],
    [
      '.env (home)',
      () => {
        writeFileSync(join(home, '.env'), 'FXTRADE_RISK__MAX_POSITION_BPS=2\n');
        return {};
      },
    ],
    [
      '.env (working folder)',
      () => {
        writeFileSync(join(cwd, '.env'), 'OTHER=1\nFXTRADE_RISK__MAX_POSITION_BPS="3"');
        return {};
      },
    ],
    [
      'env',
      () => ({
        env: {
          FXTRADE_RISK__MAX_POSITION_BPS: '4',
          FXTRADE_HOME: 'x',
          FXTRADE_SHARED: 'y',
          PATH: 'z',
          FXTRADE_STRATEGY__TIMEOUT: undefined,
        },
      }),
    ],
    ['flag', () => ({ sets: ['risk.maxPositionBps=9', 'risk.maxPositionBps=5'] })],
  ];

  it('the strongest that has a key wins, and is named', () => {
    let input: Partial<SettingsInput> = {};
    layers.forEach(([source, add], index) => {
      input = { ...input, ...add() };
      const { settings, sources } = load(input);
      expect(settings.risk.maxPositionBps).toBe(index + 1);
      expect(sources.get('risk.maxPositionBps')).toEqual({ value: index + 1, source });
      expect(settings.risk.maxOpenPositions).toBe(10);
    });
  });

  it('a folder called .env is none, and home and working folder may be one', () => {
    mkdirSync(join(cwd, '.env'));
    expect(load().settings.risk.maxPositionBps).toBe(1000);
    expect(load({ cwd: home }).settings.risk.maxPositionBps).toBe(1000);
    expect(load({ home: join(root, 'absent') }).settings.risk.maxPositionBps).toBe(1000);
  });

  it.each`
    variable                                    | text       | path                             | value
    ${'FXTRADE_RISK__VAR95_DAY_BPS'}            | ${'150'}   | ${'risk.var95DayBps'}            | ${150}
    ${'FXTRADE_RISK__MAX_QUOTE_AGE__MARKET'}    | ${'500ms'} | ${'risk.maxQuoteAge.market'}     | ${'500ms'}
    ${'FXTRADE_INSTRUMENTS__EUR_USD__TICK'}     | ${'0.01'}  | ${'instruments.EUR/USD.tick'}    | ${0.01}
    ${'FXTRADE_INSTRUMENTS__W1__LOT_STEP'}      | ${'2'}     | ${'instruments.W1.lotStep'}      | ${2}
    ${'FXTRADE_INSTRUMENTS__EUR/USD__LOT_STEP'} | ${'2'}     | ${'instruments.EUR/USD.lotStep'} | ${2}
    ${'FXTRADE_RISK__USE_LIMIT_ORDERS'}         | ${'false'} | ${'risk.useLimitOrders'}         | ${false}
    ${'FXTRADE_RISK__DEFAULT_STOP_BPS'}         | ${'null'}  | ${'risk.defaultStopBps'}         | ${null}
  `('$variable sets $path', ({ variable, text, path, value }) => {
    expect(load({ env: { [variable]: text } }).sources.get(path)).toEqual({ value, source: 'env' });
  });
});

describe('--set', () => {
  it.each`
    text                                       | symbol       | tick
    ${'instruments."BRK.B".tick=0.01'}         | ${'BRK.B'}   | ${0.01}
    ${'instruments.W1.tick=1'}                 | ${'W1'}      | ${1}
    ${'instruments.EUR/USD.tick=0.00001'}      | ${'EUR/USD'} | ${0.00001}
    ${'instruments."EUR/USD".tick = 0.00001'}  | ${'EUR/USD'} | ${0.00001}
    ${'instruments.W1={"tick":1,"lotStep":2}'} | ${'W1'}      | ${1}
  `('$text sets the tick of $symbol', ({ text, symbol, tick }) => {
    expect(set(text).settings.instruments.get(symbol)?.tick).toBe(tick);
  });

  it.each`
    text                          | path                   | value
    ${'risk.coolDown=8h'}         | ${'coolDownMs'}        | ${28_800_000}
    ${'risk.duplicateWindow=0s'}  | ${'duplicateWindowMs'} | ${0}
    ${'risk.maxRateAge=null'}     | ${'maxRateAgeMs'}      | ${null}
    ${'risk.orderTimeout=1.5s'}   | ${'orderTimeoutMs'}    | ${1500}
    ${'risk.maxPositionBps=null'} | ${'maxPositionBps'}    | ${null}
  `('$text becomes $value in the limits', ({ text, path, value }) => {
    expect(set(text).settings.risk).toMatchObject({ [path]: value });
  });

  it('sets one age and keeps the others', () => {
    expect(set('risk.maxQuoteAge.market=3s').settings.risk.maxQuoteAgeMs).toEqual({
      ...standardLimits.maxQuoteAgeMs,
      market: 3000,
    });
  });

  it('sets approval, sizing, account and time-outs', () => {
    const { settings } = set(
      'approval.required=true',
      'approval.timeout=5m',
      'sizing.method=fixed-units',
      'sizing.units=100000',
      'account.currency=EUR',
      'strategy.timeout=1s',
    );
    expect(settings).toMatchObject({
      approval: { required: true, timeoutMs: 300_000 },
      sizing: { method: 'fixed-units', units: 100_000, riskBps: 100 },
      account: { currency: 'EUR', capital: 100_000 },
      strategy: { timeoutMs: 1000 },
    });
  });

  it.each(['', 'risk', '=5', 'a..b=1', 'instruments."W1.tick=1', 'risk.=1', '.risk=1'])(
    'refuses %j as no key=value',
    (text) => {
      expect(errorOf(() => set(text)).code).toBe('USAGE.SET');
    },
  );
});

describe('presets', () => {
  it("take the user's, else the strategy's, and say so", () => {
    const plain = set('risk.maxOpenPositions=4');
    const carry = plain.withPreset('carry');
    expect(carry.settings.risk).toEqual({ ...presetLimits('carry'), maxOpenPositions: 4 });
    expect(carry.settings.riskPreset).toBe('carry');
    expect(carry.sources.get('risk.maxPositionBps')).toEqual({ value: 3000, source: 'preset' });
    expect(carry.sources.get('risk.maxOpenPositions')?.source).toBe('flag');
    expect(carry.sources.get('account.currency')?.source).toBe('default');
    expect(carry.canonical).not.toBe(plain.canonical);
    expect(set('risk.preset=none').withPreset('carry').settings.risk).toEqual(presetLimits('none'));
  });

  it.each(['standard', 'cautious', 'carry', 'none'] as const)('%s reads as its limits', (preset) => {
    expect(set(`risk.preset=${preset}`).settings.risk).toEqual(presetLimits(preset));
  });
});

describe('what is not understood', () => {
  it.each`
    text                                | code                    | next
    ${'risk.maxPositionBp=1'}           | ${'CONFIG.UNKNOWN_KEY'} | ${'Did you mean "risk.maxPositionBps"?'}
    ${'maxPositionBps=1'}               | ${'CONFIG.UNKNOWN_KEY'} | ${'Did you mean "risk.maxPositionBps"?'}
    ${'risk.maxQuoteAge.markt=1s'}      | ${'CONFIG.UNKNOWN_KEY'} | ${'Did you mean "risk.maxQuoteAge.market"?'}
    ${'instruments.BRK.B.tick=1'}       | ${'CONFIG.UNKNOWN_KEY'} | ${'instruments."BRK.B".tick'}
    ${'instruments.W1.tik=1'}           | ${'CONFIG.UNKNOWN_KEY'} | ${'Did you mean "instruments.W1.tick"?'}
    ${'risk.maxPositionBps.more=1'}     | ${'CONFIG.UNKNOWN_KEY'} | ${''}
    ${'risk=5'}                         | ${'CONFIG.INVALID'}     | ${'as {"key": value}'}
    ${'risk=null'}                      | ${'CONFIG.INVALID'}     | ${''}
    ${'risk=[1]'}                       | ${'CONFIG.INVALID'}     | ${''}
    ${'__proto__.x=1'}                  | ${'CONFIG.UNKNOWN_KEY'} | ${''}
    ${'instruments.__proto__.tick=1'}   | ${'CONFIG.UNKNOWN_KEY'} | ${''}
    ${'instruments.constructor.tick=1'} | ${'CONFIG.UNKNOWN_KEY'} | ${''}
    ${'risk.constructor=1'}             | ${'CONFIG.UNKNOWN_KEY'} | ${''}
  `('--set $text is $code', ({ text, code, next }) => {
    const error = errorOf(() => set(text));
    expect(error.code).toBe(code);
    expect(error.next).toContain(next);
  });

  it.each`
    text                              | message
    ${'risk.maxPositionBps=1.5'}      | ${'risk.maxPositionBps is 1.5 (flag), must be a whole number'}
    ${'risk.maxPositionBps=abc'}      | ${'risk.maxPositionBps is "abc" (flag), must be a number'}
    ${'risk.maxPositionBps=-1'}       | ${'must be at least 0'}
    ${'risk.minCashReserveBps=10001'} | ${'must be at most 10000'}
    ${'risk.maxGrossLeverage=0'}      | ${'must be above 0'}
    ${'risk.maxGrossLeverage=1e999'}  | ${'must be a number'}
    ${'risk.coolDown=soon'}           | ${'must be a duration such as 500ms, 2s, 60m, 8h or 45d'}
    ${'risk.preset=brave'}            | ${'must be one of standard, cautious, carry, none'}
    ${'approval.required=maybe'}      | ${'must be true, false or live'}
    ${'account.currency=dollar'}      | ${'a currency code such as USD'}
    ${'risk.requireStop=1'}           | ${'must be a boolean'}
    ${'instruments."a b".tick=1'}     | ${'a symbol such as EUR/USD'}
  `('--set $text says: $message', ({ text, message }) => {
    const error = errorOf(() => set(text));
    expect(error.code).toBe('CONFIG.INVALID');
    expect(error.message).toContain(message);
  });

  it('names every wrong value at once, with its source', () => {
    config({ risk: { maxPositionBps: 'many' } });
    const { message, facts } = errorOf(() => set('risk.maxOpenPositions=x'));
    expect(message).toContain('risk.maxPositionBps is "many" (config.json), must be a number');
    expect(message).toContain('risk.maxOpenPositions is "x" (flag), must be a number');
    expect(facts).toMatchObject({ path: expect.stringContaining('risk.') });
  });

  it('names the variable of an unknown key', () => {
    const error = errorOf(() => load({ env: { FXTRADE_RISK__MAX_POSTION_BPS: '1' } }));
    expect(error.message).toContain('FXTRADE_RISK__MAX_POSTION_BPS in the environment');
    expect(error.next).toContain('Did you mean "risk.maxPositionBps"?');
  });
});

describe('config.json', () => {
  it.each`
    given                 | text                                  | line
    ${'a missing comma'}  | ${'{\n "risk": {}\n "sizing": {}\n}'} | ${3}
    ${'an end too early'} | ${'{\n "risk": {\n'}                  | ${2}
    ${'an empty file'}    | ${''}                                 | ${1}
    ${'a word'}           | ${'hello'}                            | ${1}
  `('given $given, names line $line', ({ text, line }) => {
    config(text);
    const error = errorOf(load);
    expect(error).toMatchObject({ code: 'CONFIG.INVALID', facts: { line } });
  });

  it('given a mark of byte order, reads on', () => {
    config('\uFEFF{"risk":{"maxPositionBps":7}}');
    expect(load().settings.risk.maxPositionBps).toBe(7);
  });

  it.each(['5', '[]', 'null', '"text"'])('given %s at the top, refuses', (text) => {
    config(text);
    expect(errorOf(load).code).toBe('CONFIG.INVALID');
  });

  it('given a prototype in the text, refuses and leaves every object as it was', () => {
    config('{"instruments":{"__proto__":{"polluted":1}}}');
    expect(errorOf(load).code).toBe('CONFIG.UNKNOWN_KEY');
    config('{"__proto__":{"polluted":1}}');
    expect(errorOf(load).code).toBe('CONFIG.UNKNOWN_KEY');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('given a size of megabytes, refuses', () => {
    config(`"${'x'.repeat(1_000_001)}"`);
    expect(errorOf(load)).toMatchObject({ code: 'CONFIG.UNREADABLE' });
  });

  it('given a link that leads to itself, says that it cannot be read', () => {
    symlinkSync(join(home, 'config.json'), join(home, 'config.json'));
    expect(errorOf(load)).toMatchObject({ code: 'CONFIG.UNREADABLE' });
  });
});

describe('fuzz', () => {
  it('any text of --set either works or is an error of the person who typed it', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    const part = fc.constantFrom(
      'risk',
      'instruments',
      '__proto__',
      'constructor',
      'prototype',
      'W1',
      'tick',
      '"a.b"',
      '"',
      '.',
      '=',
      '{}',
      '1',
      'x',
      'maxQuoteAge',
      '[',
      'toString',
      '',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('.')),
      fc.array(part).map((parts) => `${parts.join('')}=${parts.join('.')}`),
    );
    fc.assert(
      fc.property(text, (one) => {
        try {
          set(one);
        } catch (error) {
          expect(error).toBeInstanceOf(FxError);
          expect((error as FxError).code).toMatch(/^(USAGE|CONFIG)\./);
        }
      }),
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
  });

  it('any JSON in config.json either works or is refused', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    const key = fc.constantFrom(
      'risk',
      'instruments',
      '__proto__',
      'constructor',
      'sizing',
      'W1',
      'tick',
      'maxQuoteAge',
      'OANDA_TOKEN',
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.array(fc.tuple(key, tie('tree'))).map((pairs) => pairs),
      ),
    }));
    const asText = (value: unknown): string =>
      Array.isArray(value) &&
      value.every((pair) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string')
        ? `{${value.map(([name, child]) => `${JSON.stringify(name)}:${asText(child)}`).join(',')}}`
        : (JSON.stringify(value) ?? 'null');
    fc.assert(
      fc.property(tree, (value) => {
        config(asText(value));
        try {
          load();
        } catch (error) {
          expect(error).toBeInstanceOf(FxError);
          expect((error as FxError).code).toMatch(/^CONFIG\./);
        }
      }),
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
  });
});

describe('types', () => {
  it('schema and model say the same of an instrument', () => {
    type Raw = NonNullable<RawSettings['instruments']>[string];
    expectTypeOf<Raw>().toExtend<InstrumentSettings>();
    expectTypeOf<keyof InstrumentSettings>().toEqualTypeOf<keyof Raw>();
  });
});
