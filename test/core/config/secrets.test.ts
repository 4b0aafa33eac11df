import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { loadSecrets, redact, requirePrivate, Secret } from '../../../src/core/config/secrets.js';
import { loadSettings } from '../../../src/core/config/settings.js';

const CANARY = 'canary/+token=7f3a9';
let root = '';
let home = '';
let cwd = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fxtrade-secrets-'));
  home = join(root, 'home');
  cwd = join(root, 'cwd');
  mkdirSync(home);
  mkdirSync(cwd);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const load = (env: Record<string, string | undefined> = {}) => loadSecrets({ home, cwd, env });

function dotEnv(folder: string, text: string, mode = 0o600): void {
  writeFileSync(join(folder, '.env'), text);
  chmodSync(join(folder, '.env'), mode);
}

function errorOf(run: () => unknown): FxError {
  try {
    run();
  } catch (error) {
    if (error instanceof FxError) return error;
  }
  throw new Error('no FxError was thrown');
}

describe('a secret', () => {
  it('prints its name wherever it lands, and is itself only when asked', () => {
    const secret = new Secret('OANDA_TOKEN', CANARY);
    const prints = [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9 }),
      format('%s %o %j', secret, secret, secret),
      String(secret),
    ];
    for (const print of prints) {
      expect(print).not.toContain('canary');
      expect(print).toContain('[secret OANDA_TOKEN]');
    }
    expect(JSON.stringify(Object.entries(secret))).not.toContain('canary');
    expect(secret.reveal()).toBe(CANARY);
  });
});

describe('loading secrets', () => {
  it('takes the environment, then the working folder, then the home; empty is absent', () => {
    dotEnv(home, 'OANDA_TOKEN=from-home\nFRED_API_KEY=from-home\nTIINGO_API_KEY=from-home\nOTHER=x');
    dotEnv(cwd, 'OANDA_TOKEN=from-cwd\nFRED_API_KEY=from-cwd');
    const secrets = load({ OANDA_TOKEN: 'from-env', FRED_API_KEY: '', PATH: 'x', POLYGON_API_KEY: undefined });
    expect(secrets.get('OANDA_TOKEN')?.reveal()).toBe('from-env');
    expect(secrets.get('FRED_API_KEY')?.reveal()).toBe('from-cwd');
    expect(secrets.get('TIINGO_API_KEY')?.reveal()).toBe('from-home');
    expect(secrets.get('POLYGON_API_KEY')).toBeUndefined();
    expect(secrets.names()).toEqual(['FRED_API_KEY', 'OANDA_TOKEN', 'TIINGO_API_KEY']);
    expect(secrets.source('TIINGO_API_KEY')).toBe('.env (home)');
    expect(secrets.source('OTHER')).toBeUndefined();
    expect(secrets.all()).toHaveLength(3);
  });

  it('gives plain names as text: accounts, hosts, modes', () => {
    const secrets = load({
      OANDA_ENV: 'practice',
      OANDA_BASE_URL: 'http://127.0.0.1:1',
      NOBODY_BASE_URL: 'x',
      BROKER_TYPE: 'oanda',
    });
    expect(secrets.plain('OANDA_ENV')).toBe('practice');
    expect(secrets.plain('OANDA_BASE_URL')).toBe('http://127.0.0.1:1');
    expect(secrets.plain('NOBODY_BASE_URL')).toBeUndefined();
    expect(secrets.names()).toEqual(['BROKER_TYPE', 'OANDA_BASE_URL', 'OANDA_ENV']);
  });

  it.each([
    [0o600, false],
    [0o400, false],
    [0o640, true],
    [0o604, true],
    [0o644, true],
    [0o666, true],
  ])('given a .env of mode %o with a secret, refuses: %s', (mode, refused) => {
    dotEnv(cwd, `OANDA_TOKEN=${CANARY}`, mode);
    if (!refused) {
      expect(load().get('OANDA_TOKEN')?.reveal()).toBe(CANARY);
      return;
    }
    const error = errorOf(load);
    expect(error.code).toBe('CONFIG.ENV_MODE');
    expect(JSON.stringify([error.message, error.next, error.facts])).not.toContain('canary');
    expect(errorOf(() => loadSettings({ home, cwd, env: {}, sets: [] })).code).toBe('CONFIG.ENV_MODE');
  });

  it('given a .env that others can read and that holds no secret, reads it', () => {
    dotEnv(cwd, 'OANDA_ENV=live\nOANDA_TOKEN=\nFXTRADE_RISK__MAX_POSITION_BPS=5', 0o644);
    expect(load().plain('OANDA_ENV')).toBe('live');
    expect(loadSettings({ home, cwd, env: {}, sets: [] }).settings.risk.maxPositionBps).toBe(5);
  });
});

describe.skipIf(process.platform === 'win32')('a .env that somebody else may have written', () => {
  const file = (owner: number, mode: number, values: Readonly<Record<string, string>>) => ({
    path: '/x/.env',
    values: new Map(Object.entries(values)),
    mode,
    owner,
  });
  const host = { OANDA_BASE_URL: 'https://x' };

  it.each([
    ['of another user', file(1001, 0o644, host), 'CONFIG.ENV_OWNER'],
    ['of another user, with limits', file(1001, 0o644, { FXTRADE_RISK__PRESET: 'none' }), 'CONFIG.ENV_OWNER'],
    ['that everybody can write', file(1000, 0o666, host), 'CONFIG.ENV_MODE'],
    ['that everybody can write, of root', file(0, 0o602, { OANDA_ENV: 'live' }), 'CONFIG.ENV_MODE'],
  ])('%s is refused', (_, given, code) => {
    expect(errorOf(() => requirePrivate(given, 1000)).code).toBe(code);
  });

  it.each([
    ['of another user that says nothing to us', file(1001, 0o644, { PORT: '80', OANDA_ENV: '' }), 1000],
    ['of root', file(0, 0o644, host), 1000],
    ['of anybody, read by root', file(1001, 0o644, host), 0],
    ['of our own, with a group', file(1000, 0o664, host), 1000],
  ])('%s is read', (_, given, me) => {
    expect(() => requirePrivate(given, me)).not.toThrow();
  });
});

describe('a host that the working folder chose', () => {
  const evil = 'https://evil.example.org';

  it.each([
    ['the environment', () => load({ OANDA_TOKEN: CANARY })],
    [
      'the home',
      () => {
        dotEnv(home, `OANDA_TOKEN=${CANARY}`);
        return load();
      },
    ],
  ])('is not given the token of %s', (_, run) => {
    dotEnv(cwd, `OANDA_BASE_URL=${evil}`);
    const error = errorOf(run);
    expect(error.code).toBe('CONFIG.HOST_SOURCE');
    expect(JSON.stringify([error.message, error.next, error.facts])).not.toContain('canary');
    dotEnv(cwd, `OANDA_STREAM_URL=${evil}`);
    expect(errorOf(run).code).toBe('CONFIG.HOST_SOURCE');
  });

  it('is taken with a token of its own, without any, on this machine, and for others', () => {
    dotEnv(cwd, `OANDA_BASE_URL=${evil}\nOANDA_TOKEN=${CANARY}`);
    expect(load().plain('OANDA_BASE_URL')).toBe(evil);
    dotEnv(cwd, `OANDA_BASE_URL=${evil}`);
    expect(load({ FRED_API_KEY: CANARY }).plain('OANDA_BASE_URL')).toBe(evil);
    dotEnv(cwd, 'OANDA_BASE_URL=http://127.0.0.1:8080');
    expect(load({ OANDA_TOKEN: CANARY }).plain('OANDA_BASE_URL')).toBe('http://127.0.0.1:8080');
  });

  it('does not stand against what the environment says', () => {
    dotEnv(cwd, `OANDA_BASE_URL=${evil}`);
    const env = { OANDA_TOKEN: CANARY, OANDA_BASE_URL: 'https://proxy.example.org' };
    expect(load(env).plain('OANDA_BASE_URL')).toBe('https://proxy.example.org');
  });
});

describe('a secret out of place', () => {
  it.each([`OANDA_TOKEN=${CANARY}`, `risk={"OANDA_TOKEN":"${CANARY}"}`])(
    'is refused on --set, and not repeated: %s',
    (text) => {
      const error = errorOf(() => loadSettings({ home, cwd, env: {}, sets: [text] }));
      expect(error.code).toBe('CONFIG.SECRET');
      expect(JSON.stringify([error.message, error.next, error.facts])).not.toContain('canary');
    },
  );

  it.each([{ OANDA_TOKEN: CANARY }, { risk: { OANDA_TOKEN: CANARY } }])(
    'is refused in config.json, and not repeated',
    (value) => {
      writeFileSync(join(home, 'config.json'), JSON.stringify(value));
      const error = errorOf(() => loadSettings({ home, cwd, env: {}, sets: [] }));
      expect(error.code).toBe('CONFIG.SECRET');
      expect(JSON.stringify([error.message, error.next, error.facts])).not.toContain('canary');
    },
  );
});

describe('redact', () => {
  it('hides a secret in every form it travels in', () => {
    const secrets = load({ OANDA_TOKEN: CANARY, FRED_API_KEY: `${CANARY}-longer`, TIINGO_API_KEY: 'abc' });
    const bytes = Buffer.from(CANARY);
    const forms = [CANARY, encodeURIComponent(CANARY), bytes.toString('base64'), bytes.toString('hex')];
    const text = `a ${forms.join(' ')} ${CANARY}-longer abc`;
    expect(redact(text, secrets)).toBe(
      `a ${forms.map(() => '[secret OANDA_TOKEN]').join(' ')} [secret FRED_API_KEY] abc`,
    );
  });

  it('leaves no secret in any text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 40 }), fc.string(), fc.string(), (value, before, after) => {
        fc.pre(value.trim() !== '' && !'[secret OANDA_TOKEN]'.includes(value));
        const secrets = { all: () => [new Secret('OANDA_TOKEN', value)] };
        const clean = redact(`${before}${value}${after}`, secrets);
        expect(clean.replaceAll('[secret OANDA_TOKEN]', '')).not.toContain(value);
      }),
    );
  });
});
