import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HomeWatch } from '../../../src/commands/alerts/home-watch.js';

const GIB = 1024 ** 3;
const MINUTE = 60_000;

function watching(free: readonly (number | undefined)[], wasLow = false) {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-watch-'));
  const said: boolean[] = [];
  let asked = 0;
  const watch = new HomeWatch({
    home,
    keys: [{ name: 'OANDA_TOKEN', reveal: () => 'value' }],
    settings: { keyAgeMs: 90 * 86_400_000, diskFreeGib: 1 },
    wasLow,
    onRoom: (low) => said.push(low),
    freeBytes: () => free[asked++],
  });
  return { home, watch, said, asked: () => asked };
}

describe('room on the disk of the home', () => {
  it('is told once when it is little, and again only after it was enough by a quarter', () => {
    const { watch, said } = watching([2, 0.99, 0.5, 1.1, 0.9, 1.25, 0.99].map((gib) => gib * GIB));
    const told = Array.from({ length: 7 }, (_, minute) => watch.look(minute * MINUTE).length);
    expect(told).toEqual([0, 1, 0, 0, 0, 0, 1]);
    expect(said).toEqual([true, false, true]);
  });

  it('is asked for once a minute', () => {
    const { watch, asked } = watching(Array.from({ length: 9 }, () => 2 * GIB));
    for (let ms = 0; ms < 3 * MINUTE; ms += 250) watch.look(ms);
    expect(asked()).toBe(3);
  });

  it('that the session before told is no news', () => {
    expect(watching([0.5 * GIB], true).watch.look(0)).toEqual([]);
  });

  it('that the system does not tell is no news', () => {
    expect(watching([undefined]).watch.look(0)).toEqual([]);
  });

  it('is said in words', () => {
    const { watch, home } = watching([0.5 * GIB]);
    const message = `0.50 GiB free where ${home} is, the limit is 1 GiB; a journal that cannot be written stops trading`;
    expect(watch.look(0)).toEqual([{ kind: 'disk-low', fields: { message } }]);
  });
});

describe('keys of the home', () => {
  it('whose record cannot be read or written stop nobody', () => {
    const { watch, home } = watching([2 * GIB]);
    mkdirSync(join(home, 'keys-seen.json'));
    expect(watch.look(0)).toEqual([]);
  });
});
