import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkedStrategy } from '../../src/commands/runtime/strategy-shape.js';
import { accountFolder, bookFolder } from '../../src/core/state/books/book-path.js';
import { hourly } from '../helpers/bad-input.js';
import { BAD_NAMES } from '../helpers/bad-names.js';
import { runCli } from '../helpers/run-cli.js';

let root = '';
let home = '';
let cwd = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fxtrade-names-'));
  home = join(root, 'a', 'b', 'home');
  cwd = join(root, 'a', 'cwd');
  for (const folder of [home, cwd, join(root, 'outside')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(cwd, 'EURUSD.csv'), hourly(60));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Everything under the root that is not under the home. */
const outside = (): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith(join('a', 'b', 'home')));

describe('a name that is a path, or looks like another', () => {
  it.each(BAD_NAMES.map((name) => [name] as const))(
    '%j is refused for a book and for stored data, and nothing is written',
    async (name) => {
      const before = outside();
      for (const line of [
        ['paper', 'sma-cross', '--replay', 'EURUSD.csv', '--book', name],
        ['paper', 'sma-cross', '--once', '--book', name],
        ['report', '--book', name],
        ['data', 'import', 'EURUSD.csv', '--as', name],
      ]) {
        const ran = await runCli([...line, '--json'], { home, cwd });
        expect([line.join(' '), ran.code]).toEqual([line.join(' '), 2]);
      }
      expect(outside()).toEqual(before);
      expect(readdirSync(home)).toEqual([]);
    },
  );

  it.each(BAD_NAMES.map((name) => [name] as const))('%j leads no report, audit or halt elsewhere', async (name) => {
    const before = outside();
    for (const line of [
      ['report', name],
      ['audit', 'verify', '--book', name],
      ['audit', 'explain', name],
      ['halt', '--scope', `strategy:${name}`, '--latch-only'],
    ]) {
      const ran = await runCli([...line, '--json'], { home, cwd });
      // A file that somebody names and that is no run is damaged, not dangerous.
      expect([0, 2, 7]).toContain(ran.code);
    }
    expect(outside()).toEqual(before);
    expect(readdirSync(home).filter((file) => file !== 'HALT')).toEqual([]);
  });

  it.each(BAD_NAMES.filter((name) => !/^[\w.-]{1,64}$/.test(name)))('in a strategy file, %j is refused', (name) => {
    const exported = { name, params: {}, create: () => ({ onBar: () => undefined }) };
    expect(() => checkedStrategy(exported, 'mine.ts')).toThrow(/name/);
  });

  it.each(BAD_NAMES.map((name) => [name] as const))('the account %j gets a folder of its own in the home', (name) => {
    const folder = accountFolder(home, 'oanda', name);
    expect(folder.startsWith(join(home, 'locks', 'oanda-'))).toBe(true);
    expect(folder.slice(join(home, 'locks').length + 1)).toMatch(/^[A-Za-z0-9._-]{1,80}$/);
  });
});

describe.skipIf(process.platform === 'win32')('a book that is a link', () => {
  const run = () => runCli('paper sma-cross --replay EURUSD.csv --book mine --json', { home, cwd });

  it.each([
    [
      'the book',
      () => {
        mkdirSync(join(home, 'books'));
        symlinkSync(join(root, 'outside'), join(home, 'books', 'paper-mine'));
      },
    ],
    [
      'the book, to nowhere yet',
      () => {
        mkdirSync(join(home, 'books'));
        symlinkSync(join(root, 'outside', 'new'), join(home, 'books', 'paper-mine'));
      },
    ],
    ['the folder of books', () => symlinkSync(join(root, 'outside'), join(home, 'books'))],
  ])('%s leads out of the home: it is refused, and nothing is written there', async (_, link) => {
    link();
    const ran = await run();
    expect([ran.code, ran.lines().at(-1)]).toMatchObject([2, { error: { code: 'USAGE.OUTSIDE' } }]);
    expect(readdirSync(join(root, 'outside'))).toEqual([]);
  });

  it('to another folder of the home is followed; so is a home that is a link itself', async () => {
    mkdirSync(join(home, 'books'));
    mkdirSync(join(home, 'elsewhere'));
    symlinkSync(join(home, 'elsewhere'), join(home, 'books', 'paper-mine'));
    expect((await run()).code).toBe(0);
    symlinkSync(home, join(root, 'door'));
    const through = await runCli('paper sma-cross --replay EURUSD.csv --book other --json', {
      home: join(root, 'door'),
      cwd,
    });
    expect(through.code).toBe(0);
    expect(existsSync(join(home, 'books', 'paper-other', 'journal.ndjson'))).toBe(true);
  });

  it('of a name that is fine has its folder where everybody looks', () => {
    expect(bookFolder(home, 'paper', 'evening.2')).toBe(join(home, 'books', 'paper-evening.2'));
  });
});
