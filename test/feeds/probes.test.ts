import { describe, expect, it } from 'vitest';
import { venueProbe } from '../../src/brokers/probes.js';
import { capabilitiesOf, venues } from '../../src/brokers/registry.js';
import { instrumentId } from '../../src/core/model/ids.js';
import { ageMs, feedProbe, notCovered } from '../../src/feeds/probes.js';
import { feeds } from '../../src/feeds/registry.js';

const DAY = 86_400_000;
const at = (text: string): number => Date.parse(text);

describe('every feed and every broker', () => {
  it.each(feeds().map(({ name }) => name))('%s can be tested: as a feed or as a broker', (name) => {
    expect(feedProbe(name) === undefined).toBe(capabilitiesOf(name) !== undefined);
  });

  it.each(feeds().filter(({ name }) => feedProbe(name) !== undefined))(
    '$name says where to get its keys, and what each looks like',
    ({ name, needs }) => {
      const probe = feedProbe(name);
      if (needs.length > 0) expect(probe?.keyUrl).toMatch(/^https:/);
      expect(needs.filter((need) => !probe?.keys.some((key) => key.name === need))).toEqual([]);
      expect(probe?.origin({ get: () => undefined, plain: () => undefined })).toMatch(/^https:\/\/[a-z.]+$/);
    },
  );

  it.each(venues().map(({ name, needs }) => [name, needs] as const))('%s does so too', (name, needs) => {
    const probe = venueProbe(name);
    expect(probe?.keyUrl).toMatch(/^https:/);
    expect(needs.filter((need) => !probe?.keys.some((key) => key.name === need))).toEqual([]);
  });

  it.each([
    ['alpaca', 'ALPACA_API_KEY', 'PKABCDEFGHIJKLMNOPQR', 'paper'],
    ['alpaca', 'ALPACA_API_KEY', 'AKABCDEFGHIJKLMNOPQR', 'live'],
  ])('%s: %s of %s is of a %s account', (feed, name, value, kind) => {
    const facts = feedProbe(feed)?.keys.find((one) => one.name === name);
    expect(facts?.shape.test(value)).toBe(true);
    expect(facts?.opens?.(value)).toBe(kind);
  });

  it.each([
    ['101-004-1234567-001', 'practice'],
    ['001-004-1234567-001', 'live'],
    ['202-004-1234567-001', undefined],
  ])('oanda: account %s is %s', (value, kind) => {
    const facts = venueProbe('oanda')?.keys.find((one) => one.name === 'OANDA_ACCOUNT_ID');
    expect(facts?.shape.test(value)).toBe(true);
    expect(facts?.opens?.(value)).toBe(kind);
  });
});

describe('the age of what was published', () => {
  it.each([
    ['2026-01-05T00:00:00Z', '2026-01-06T00:00:00Z', 1],
    ['2026-01-02T00:00:00Z', '2026-01-05T00:00:00Z', 1],
    ['2026-01-02T12:00:00Z', '2026-01-04T12:00:00Z', 0.5],
    ['2026-01-06T00:00:00Z', '2026-01-05T00:00:00Z', 0],
    ['2026-01-01T00:00:00Z', '2026-01-15T00:00:00Z', 10],
  ])('from %s to %s is %d days without weekends', (from, to, days) => {
    expect(ageMs(at(from), at(to))).toBe(days * DAY);
  });
});

describe('what a feed has no prices of', () => {
  const ids = ['EUR/USD', 'EUR/NOK', 'BTC/USD', 'AAPL', 'my.own-index'].map((id) => instrumentId(id));
  const newest = { what: '', at: undefined };
  it('is told by kind, and by currency where the feed named them', () => {
    expect(notCovered({ prices: ['fx', 'stock'] }, newest, ids)).toEqual(['BTC/USD', 'my.own-index']);
    const currencies = ['EUR', 'USD'];
    expect(notCovered({ prices: ['fx'] }, { ...newest, currencies }, ids)).toEqual(ids.slice(1));
  });
});
