import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal } from '../../src/core/state/books/journal.js';
import { type MarketFiles, marketFiles } from '../helpers/market-files.js';
import { runCli } from '../helpers/run-cli.js';

const root = mkdtempSync(join(tmpdir(), 'fxtrade-audit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home = '';
beforeAll(async () => {
  const to = Date.UTC(2022, 3, 1);
  const market: MarketFiles = await marketFiles({
    folder: root,
    pairs: ['EUR/USD'],
    from: Date.UTC(2022, 0, 1),
    to,
    timeframeMs: 3_600_000,
  });
  home = join(root, 'home');
  const one = await runCli(['paper', 'trend', '--replay', market.data.join(), '--json'], { home });
  expect(one.code, one.stderr).toBe(0);
}, 60_000);

const journalIn = (at: string): string => join(at, 'books', 'paper-default', 'journal.ndjson');
const linesOf = (at: string): string[] => readFileSync(journalIn(at), 'utf8').split('\n').slice(0, -1);
const copyOf = (): string => {
  const at = mkdtempSync(join(root, 'copy-'));
  cpSync(home, at, { recursive: true });
  return at;
};
const hashOf = (line: string | undefined): string => line?.slice(6, 70) ?? '';

describe('audit verify', () => {
  it('an untouched book is intact and complete, and its head is the hash of the last record', async () => {
    const { code, json } = await runCli('audit verify --json', { home });
    const lines = linesOf(home);
    expect(code).toBe(0);
    expect(json()['data']).toMatchObject({
      action: 'verify',
      books: [{ book: 'paper-default', records: lines.length, files: 1, intact: true, complete: true, damage: null }],
    });
    expect((json()['data'] as { books: { head: string }[] }).books[0]?.head).toBe(hashOf(lines.at(-1)));
  });

  it.each([
    ['an edited record', (text: string) => text.replace('"units":', '"units":1'), 7],
    ['a record that is gone', (text: string) => text.replace(/\n[^\n]*\n/, '\n'), 7],
    ['the last record gone', (text: string) => text.replace(/[^\n]*\n$/, ''), 7],
    ['a write that was cut off', (text: string) => `${text}{"h":"00`, 4],
  ])('%s', async (_, spoil, exit) => {
    const at = copyOf();
    writeFileSync(journalIn(at), spoil(readFileSync(journalIn(at), 'utf8')));
    const { code, json } = await runCli('audit verify --json', { home: at });
    expect(code).toBe(exit);
    const [book] = (json()['data'] as { books: Record<string, unknown>[] }).books;
    expect(book).toMatchObject({ intact: exit === 4, complete: false });
    if (exit === 7) {
      const damage = book?.['damage'] as Record<string, unknown>;
      expect(damage).toMatchObject({ path: journalIn(at) });
      expect(damage['byte']).toEqual(expect.any(Number));
      expect(damage['record']).toEqual(expect.any(Number));
      expect(damage['repair']).toContain('mv ');
    } else expect(book?.['findings']).toHaveLength(1);
  });

  it('without head.json a book is intact and not provably complete, unless its last record was written down', async () => {
    const at = copyOf();
    rmSync(join(at, 'books', 'paper-default', 'head.json'));
    expect((await runCli('audit verify', { home: at })).code).toBe(4);
    const head = hashOf(linesOf(at).at(-1));
    expect((await runCli(`audit verify --head ${head}`, { home: at })).code).toBe(0);
  });

  it('a hash that was written down proves what came before it', async () => {
    const head = hashOf(linesOf(home)[9]);
    const { code, json } = await runCli(`audit verify --head ${head} --json`, { home });
    expect(code).toBe(0);
    expect(json()['data']).toMatchObject({ books: [{ anchor: 10 }] });
  });

  it('a journal that was rewritten from its first record is found by the hash that was written down', async () => {
    const at = copyOf();
    const known = hashOf(linesOf(at).at(-1));
    const folder = join(at, 'books', 'paper-default');
    rmSync(journalIn(at));
    rmSync(join(folder, 'head.json'));
    const forged = new Journal(folder);
    forged.append(0, 'decided', { decision: {} });
    forged.close();
    expect((await runCli('audit verify', { home: at })).code).toBe(0);
    const { code, json } = await runCli(`audit verify --head ${known} --json`, { home: at });
    expect(code).toBe(7);
    expect(json()['error']).toMatchObject({ code: 'STATE.ANCHOR' });
  });

  it.each([
    ['audit verify --book nobody --json', 'USAGE.NO_BOOK'],
    ['audit verify --head 12 --json', 'USAGE.BAD_VALUE'],
    ['audit export --json', 'USAGE.MISSING_FLAG'],
    ['audit explain o-99999 --json', 'USAGE.UNKNOWN_ID'],
  ])('%s is %s', async (line, wanted) => {
    const { code, json } = await runCli(line, { home });
    expect(code).toBe(2);
    expect(json()['error']).toMatchObject({ code: wanted });
  });
});

describe('audit explain', () => {
  it('tells decision, inputs, sizing, order, fill and bracket, by order id, client id, execution and record', async () => {
    const records = linesOf(home).map((line) => JSON.parse(line).r as Record<string, Record<string, unknown>>);
    const fill = records.find(({ type }) => String(type) === 'fill')?.['fill'];
    const orderId = String(fill?.['orderId']);
    const submit = records.find(({ type, order }) => String(type) === 'submit' && order?.['id'] === orderId);
    const ids = [orderId, submit?.['order']?.['clientId'], fill?.['executionId'], submit?.['seq']].map(String);
    const told = await Promise.all(ids.map((id) => runCli(['audit', 'explain', id, '--json'], { home })));
    const stories = told.map(({ json }) => (json()['data'] as { stories: unknown[] }).stories);
    for (const story of stories) expect(story).toEqual(stories[0]);
    const [first] = stories[0] as { orderId: string; lines: { type: string; text: string }[] }[];
    expect(first?.orderId).toBe(orderId);
    expect(first?.lines.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['decided', 'submit', 'fill', 'child']),
    );
    expect(first?.lines[0]?.text).toMatch(/^the strategy wished .* because .*it saw .*sizing: .*became o-/);
    const { stdout } = await runCli(['audit', 'explain', orderId], { home });
    expect(stdout).toContain('passed every limit of the gate');
  });

  it('tells of a live order what was sent and what the venue said', async () => {
    const at = mkdtempSync(join(root, 'live-'));
    const folder = join(at, 'books', 'live-acct');
    mkdirSync(folder, { recursive: true });
    const journal = new Journal(folder, { stamp: () => ({ mono: 1, boot: 'b', build: '1' }) });
    const intent = { side: 'buy', units: 10, instrument: 'EUR/USD', type: 'market', reason: 'why not' };
    journal.append(0, 'submit', { order: { id: 'o-1', clientId: 'fxabc', intent } });
    journal.append(1, 'attempt', { clientId: 'fxabc', cursor: '5' });
    journal.append(2, 'unresolved', { clientId: 'fxabc', why: 'no answer in 5 s' });
    journal.append(3, 'accepted', { clientId: 'fxabc', venueId: '77' });
    journal.append(4, 'submit', { order: { id: 'o-2', clientId: 'fxdef', intent } });
    journal.close();
    const { stdout, code } = await runCli('audit explain o-1 --book acct', { home: at });
    expect(code).toBe(0);
    expect(stdout).toContain('may have arrived');
    expect(stdout).toContain('outcome unknown, counted as if filled: no answer in 5 s');
    expect(stdout).toContain('accepted by the venue as 77');
    expect(stdout).not.toContain('o-2');
  });
});

describe('audit export', () => {
  it('writes every record as it stands, with its hash', async () => {
    const out = join(root, 'all.ndjson');
    const { code, json } = await runCli(`audit export --out ${out} --json`, { home });
    expect(code).toBe(0);
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    expect(json()['data']).toMatchObject({ format: 'ndjson', records: lines.length, books: ['paper-default'] });
    expect(lines.map((line) => line.replace('{"book":"paper-default",', '{'))).toEqual(linesOf(home));
    const record = lines[0]?.slice(lines[0].indexOf(',"r":') + 5, -1) ?? '';
    expect(createHash('sha256').update(record).digest('hex')).toBe(JSON.parse(lines[0] ?? '').h);
  });

  it('lets no text become a formula of a spreadsheet', async () => {
    const at = mkdtempSync(join(root, 'formula-'));
    const folder = join(at, 'books', 'paper-default');
    mkdirSync(folder, { recursive: true });
    const journal = new Journal(folder);
    journal.append(0, 'cancelled', { orderId: '=cmd|x', reason: '@SUM(A1),"b"' });
    journal.close();
    const out = join(at, 'audit.csv');
    expect((await runCli(`audit export --format csv --out ${out}`, { home: at })).code).toBe(0);
    const [head, row] = readFileSync(out, 'utf8').split('\n');
    expect(head).toBe('book,seq,time,type,instrument,side,units,price,orderId,clientId,reason,hash,record');
    expect(row).toContain(`paper-default,1,1970-01-01T00:00:00.000Z,cancelled,,,,,'=cmd|x,,"'@SUM(A1),""b"""`);
  });

  it('writes nothing when a book is damaged', async () => {
    const at = copyOf();
    appendFileSync(journalIn(at), `${linesOf(at)[0]}\n`);
    const out = join(at, 'audit.ndjson');
    expect((await runCli(`audit export --out ${out}`, { home: at })).code).toBe(7);
    expect(() => readFileSync(out)).toThrow();
  });
});
