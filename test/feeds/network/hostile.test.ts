import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.js';
import { type Mood, prepareBomb, type VendorStandIn, vendorStandIn } from '../../helpers/vendors/stand-in.js';

let stand: VendorStandIn;
beforeAll(async () => {
  stand = await vendorStandIn(() => ({ body: 'DATE,DFF\n2024-01-05,5.33\n2024-01-06,5.33\n2024-01-07,5.34\n' }));
  await prepareBomb();
});
afterAll(() => stand.close());

const pull = (env: Readonly<Record<string, string>>) => {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-hostile-'));
  return runCli('data pull fred --series DFF --json', { home, env });
};
const errorOf = (result: { json(): Record<string, unknown> }) => result.json()['error'] as Record<string, string>;

describe('a vendor that misbehaves', () => {
  it.each<[Mood, string]>([
    ['throttle', 'FEED.RATE_LIMIT'],
    ['outage', 'FEED.DOWN'],
    ['malformed', 'FEED.MALFORMED'],
    ['drop', 'FEED.UNREACHABLE'],
    ['redirect', 'FEED.REDIRECT'],
    ['endless', 'FEED.TOO_LARGE'],
    ['bomb', 'FEED.TOO_LARGE'],
    ['no-key', 'FEED.BAD_KEY'],
    ['page', 'FEED.MALFORMED'],
  ])('%s ends with %s, stores nothing and sends nothing elsewhere', { timeout: 60_000 }, async (mood, code) => {
    stand.mood = () => mood;
    const result = await pull({ FRED_BASE_URL: stand.url, TIINGO_API_KEY: 'SECRET-KEY-123456' });
    expect(result.code).toBe(6);
    expect(errorOf(result)['code']).toBe(code);
    expect(result.stdout + result.stderr).not.toMatch(/SECRET-KEY|at .*\.ts:\d+/);
    expect(existsSync(join(result.home, 'data', 'fred.rates'))).toBe(false);
  });

  it('is asked again after a passing trouble', async () => {
    const first = stand.seen.length;
    stand.mood = (request) => (request < first + 2 ? 'outage' : 'well');
    const result = await pull({ FRED_BASE_URL: stand.url });
    expect(result.code, result.stdout).toBe(0);
    expect(stand.seen.length - first).toBe(3);
    expect(readFileSync(join(result.home, 'data', 'fred.rates'), 'utf8')).toContain('USD,DFF,2024-01-07,5.34');
  });

  it('is left when the person stops waiting', async () => {
    stand.mood = () => 'stall';
    const stop = new AbortController();
    const first = stand.seen.length;
    const running = runCli('data pull fred --series DFF --json', {
      env: { FRED_BASE_URL: stand.url },
      signal: stop.signal,
    });
    while (stand.seen.length === first) await new Promise((done) => setImmediate(done));
    stop.abort('SIGINT');
    expect((await running).code).toBe(130);
  });

  it.each([
    ['https://10.0.0.1', 'FEED.FORBIDDEN_ADDRESS', 6],
    ['https://169.254.169.254', 'FEED.FORBIDDEN_ADDRESS', 6],
    ['https://[fd00::1]', 'FEED.FORBIDDEN_ADDRESS', 6],
    ['https://metadata.google.internal', 'FEED.FORBIDDEN_ADDRESS', 6],
    ['http://192.168.1.1', 'CONFIG.BAD_URL', 2],
    ['http://example.com', 'CONFIG.BAD_URL', 2],
    ['https://user:pass@example.com', 'CONFIG.BAD_URL', 2],
    ['file:///etc/passwd', 'CONFIG.BAD_URL', 2],
  ])('at %s is not called: %s', async (address, code, exit) => {
    const result = await pull({ FRED_BASE_URL: address });
    expect(errorOf(result)['code']).toBe(code);
    expect(result.code).toBe(exit);
    expect(result.stdout).not.toContain('pass@');
  });
});
