import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daysText, keyAges, oldKeys } from '../../../../src/core/state/alerts/key-ages.js';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 6);
const LIMIT = 90 * DAY;
const newHome = (): string => mkdtempSync(join(tmpdir(), 'fxtrade-keys-'));
const key = (name: string, value: string) => ({ name, reveal: () => value });
const token = key('OANDA_TOKEN', 'first-value');
const look = (home: string, days: number, keys = [token]) =>
  oldKeys(home, keys, { now: START + days * DAY, limitMs: LIMIT }).old.map(({ name }) => name);

describe('the age of a key', () => {
  it.each([
    ['young', 89.9, []],
    ['as old as the limit', 90, ['OANDA_TOKEN']],
    ['older', 400, ['OANDA_TOKEN']],
  ])('%s', (_, days, told) => {
    const home = newHome();
    expect(look(home, 0)).toEqual([]);
    expect(look(home, days)).toEqual(told);
  });

  it('is told once a day', () => {
    const home = newHome();
    look(home, 0);
    expect([90, 90.5, 90.99, 91, 91.5, 92].map((days) => look(home, days).length)).toEqual([1, 0, 0, 1, 0, 1]);
  });

  it('begins again with another value, and is kept while the key is not set', () => {
    const home = newHome();
    look(home, 0);
    expect(look(home, 50, [])).toEqual([]);
    expect(look(home, 60, [key('FRED_API_KEY', 'x')])).toEqual([]);
    expect(look(home, 91)).toEqual(['OANDA_TOKEN']);
    expect(look(home, 92, [key('OANDA_TOKEN', 'second-value')])).toEqual([]);
    expect(keyAges(home, [key('OANDA_TOKEN', 'second-value')], START + 93 * DAY).ages).toEqual([
      { name: 'OANDA_TOKEN', ageMs: DAY },
    ]);
    expect(keyAges(home, [token], START + 93 * DAY).ages).toEqual([]);
  });

  it('is never below nothing when the clock was set back', () => {
    const home = newHome();
    look(home, 10);
    expect(keyAges(home, [token], START).ages).toEqual([{ name: 'OANDA_TOKEN', ageMs: 0 }]);
  });

  it('is kept in a private file without the key, which differs between homes', () => {
    const homes = [newHome(), newHome()];
    for (const home of homes) look(home, 0);
    const texts = homes.map((home) => readFileSync(join(home, 'keys-seen.json'), 'utf8'));
    expect(texts.join()).not.toContain('first-value');
    expect(texts[0]).not.toBe(texts[1]);
    expect(statSync(join(homes[0] ?? '', 'keys-seen.json')).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'garbage', '[]', '{"salt":"","keys":[]}', '{"salt":"a","keys":[{"name":"OANDA_TOKEN"}]}'])(
    'of a record that is damaged is told to be lost, and counts again: %s',
    (text) => {
      const home = newHome();
      const path = join(home, 'keys-seen.json');
      writeFileSync(path, text);
      expect(keyAges(home, [token], START)).toEqual({ ages: [], damaged: path });
      expect(oldKeys(home, [token], { now: START, limitMs: LIMIT })).toEqual({ old: [], damaged: path });
      expect(look(home, 90)).toEqual(['OANDA_TOKEN']);
    },
  );

  it('without any key is nothing, and makes no file', () => {
    const home = newHome();
    expect(look(home, 0, [])).toEqual([]);
    expect(() => statSync(join(home, 'keys-seen.json'))).toThrow('ENOENT');
  });

  it.each([
    [0, '0 days'],
    [DAY, '1 day'],
    [91.9 * DAY, '91 days'],
  ])('%d ms are told as %s', (ms, text) => expect(daysText(ms)).toBe(text));
});
