import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.js';
import { systemClock } from '../../src/core/ports/clock.js';
import { recordingTerminal } from '../helpers/recording-terminal.js';
import { runCli } from '../helpers/run-cli.js';

interface Serving {
  readonly kind: string;
  readonly url: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** Starts `drill --serve` and resolves with its first line and the way to end it. */
async function serving(args: readonly string[]) {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-drill-'));
  const stop = new AbortController();
  const lines: string[] = [];
  let told: (line: string) => void = () => undefined;
  const first = new Promise<string>((done) => {
    told = done;
  });
  const terminal = {
    ...recordingTerminal({}),
    write: (text: string) => {
      lines.push(...text.trim().split('\n'));
      told(lines[0] ?? '');
    },
  };
  const end = main({
    argv: ['drill', '--serve', '--json', ...args],
    env: { FXTRADE_HOME: home },
    cwd: home,
    clock: systemClock(),
    signal: stop.signal,
    version: '0.0.0-test',
    terminal,
  });
  const line = await Promise.race([
    first,
    end.then((code) => Promise.reject(new Error(`ended with ${code}: ${lines}`))),
  ]);
  return { serving: JSON.parse(line) as Serving, stop: () => stop.abort(), end, lines };
}

describe('drill --serve', () => {
  it('serves an account that can be traded on, and says what it saw when it is stopped', async () => {
    const { serving: told, stop, end, lines } = await serving([]);
    expect(told.kind).toBe('serving');
    const { OANDA_BASE_URL, OANDA_TOKEN, OANDA_ACCOUNT_ID } = told.exports;
    const ask = async (path: string, init: object = {}) =>
      fetch(`${OANDA_BASE_URL}/v3/accounts/${OANDA_ACCOUNT_ID}/${path}`, {
        ...init,
        headers: { authorization: `Bearer ${OANDA_TOKEN}` },
      });
    expect(await (await ask('summary')).json()).toMatchObject({ account: { balance: '100000.0000' } });
    const order = { type: 'MARKET', instrument: 'EUR_USD', units: '100' };
    const answer = await ask('orders', { method: 'POST', body: JSON.stringify({ order }) });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ orderFillTransaction: { units: '100' } });
    stop();
    expect(await end).toBe(0);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      kind: 'end',
      data: { orders: 1, fills: 1, openPositions: 1 },
    });
  });

  it('plays the faults of a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fxtrade-drill-'));
    const file = join(folder, 'faults.json');
    writeFileSync(file, JSON.stringify({ rules: [{ on: 'account', call: 1, fault: { kind: 'error-before' } }] }));
    const { serving: told, stop, end } = await serving(['--faults', file]);
    const { OANDA_BASE_URL, OANDA_ACCOUNT_ID } = told.exports;
    const answer = await fetch(`${OANDA_BASE_URL}/v3/accounts/${OANDA_ACCOUNT_ID}/summary`);
    expect(answer.status).toBe(503);
    stop();
    await end;
  });

  it.each([
    ['drill --serve --port 70000 --json', 'USAGE.BAD_VALUE'],
    ['drill --serve --faults nowhere.json --json', 'USAGE.FAULTS'],
  ])('%s is refused: %s', async (line, code) => {
    const { code: exit, lines } = await runCli(line);
    expect(exit).toBe(2);
    expect(lines().at(-1)).toMatchObject({ error: { code } });
  });

  it('a script that says what no fault has is refused with the place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fxtrade-drill-'));
    writeFileSync(join(folder, 'f.json'), '{"rules":[{"on":"submit","fault":{"kind":"earthquake"}}]}');
    const { code, lines } = await runCli('drill --serve --faults f.json --json', { cwd: folder });
    expect(code).toBe(2);
    expect(lines().at(-1)).toMatchObject({ error: { code: 'CONFIG.FAULTS', facts: { at: 'rules.0.fault.kind' } } });
  });
});
