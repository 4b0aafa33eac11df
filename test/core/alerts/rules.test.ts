import { describe, expect, it } from 'vitest';
import { ALERT_KINDS } from '../../../src/core/alerts/kinds.js';
import { type RulesInput, SessionRules } from '../../../src/core/alerts/rules.js';

const NOW = Date.UTC(2026, 0, 5, 12);
const LIMITS = {
  dailyLossBps: 200,
  weeklyLossBps: 1_000,
  drawdownReduceBps: 1_000,
  drawdownHaltBps: 1_500,
  drawdownStopBps: 2_500,
};
const INPUT: RulesInput = {
  source: 'live 101-001',
  settings: { nearBps: 8_000, summaryMinute: 17 * 60 + 5 },
  limits: LIMITS,
  currency: 'USD',
  now: NOW,
};
const fill = (side: string, units: number, reason = 'signal', orderId = 'o1') => ({
  instrument: 'EUR/USD',
  side,
  units,
  price: 1.1,
  reason,
  orderId,
});

describe('what a session says, and the alerts it becomes', () => {
  const request = {
    id: 'o1',
    side: 'buy',
    units: 1_000,
    instrument: 'EUR/USD',
    price: 1.1,
    worstLoss: 50,
    currency: 'USD',
    expiresAt: NOW,
    limits: [{ limit: 'maxGrossLeverage', usedAfter: 0.9 }],
  };
  it.each([
    ['fill', fill('buy', 1_000), ['trade-executed', 'position-opened']],
    ['fill', fill('sell', 1_000, 'stop-loss'), ['trade-executed', 'stop-hit', 'position-opened']],
    ['rejected', { orderId: 'o1', reason: 'INSUFFICIENT_MARGIN' }, ['execution-failed']],
    [
      'refused',
      { intent: { instrument: 'EUR/USD' }, failures: [{ limit: 'maxGrossLeverage', message: 'too much' }] },
      ['order-refused'],
    ],
    ['breaker', { key: 'dailyLossBps', message: 'reached', until: NOW }, ['daily-loss']],
    ['breaker', { key: 'drawdownReduceBps', message: 'reached' }, ['drawdown']],
    ['breaker', { key: 'maxConsecutiveLosses', message: 'reached', until: NOW }, ['limit-breached']],
    ['latch', { key: 'weeklyLossBps', message: 'reached' }, ['halt']],
    ['latch', { key: 'drawdownHaltBps', message: 'reached' }, ['drawdown', 'halt']],
    ['alert', { key: 'profitAlertBps', message: 'EUR/USD profitAlertBps reached' }, ['profit-target']],
    ['alert', { key: 'staleLoserDays', message: 'EUR/USD staleLoserDays reached' }, ['stale-loser']],
    ['alert', { key: 'margin-call', message: 'margin call' }, ['margin-call']],
    ['ask', { request }, ['approval-wanted', 'limit-near']],
    ['withdrawn', { orderId: 'o1', status: 'expired', reason: 'late' }, ['approval-expired']],
    ['withdrawn', { orderId: 'o1', status: 'cancelled', reason: 'halted' }, []],
    ['break', { id: 'EUR/USD', message: '100 here, 0 there' }, ['reconcile-break']],
    ['unresolved', { orderId: 'o1', clientId: 'c1', why: 'no record' }, ['order-unresolved']],
    ['unprotected', { instrument: 'EUR/USD', held: 100 }, ['unprotected']],
    ['missed', { closes: 3, decidedAt: 'then' }, ['bars-missed']],
    ['resumed', { reason: 'looked' }, ['resume']],
    ['key-age', { name: 'OANDA_TOKEN', message: '91 days old' }, ['key-age']],
    ['disk-low', { message: '3 % left' }, ['disk-low']],
    ['bar', { equity: 100_000 }, []],
    ['financing', { cost: 1 }, []],
    ['order', {}, []],
  ] as const)('%s %j', (kind, fields, kinds) => {
    const alerts = new SessionRules(INPUT).happened(kind, fields, NOW);
    expect(alerts.map((alert) => alert.kind)).toEqual(kinds);
    for (const { next, text, source } of alerts)
      expect([next !== '', text !== '', source]).toEqual([true, true, 'live 101-001']);
  });

  it.each<string>([...ALERT_KINDS, 'fill', 'ask', 'stream', 'refused', 'toString', '__proto__'])(
    'given %s with nothing of what belongs to it, nothing breaks',
    (kind) => {
      for (const fields of [
        {},
        { request: null, intent: 'x', failures: 7, equity: Number.NaN, until: Number.POSITIVE_INFINITY },
      ]) {
        const rules = new SessionRules(INPUT);
        for (const { text } of rules.happened(kind, fields, NOW))
          expect(text).not.toMatch(/NaN|undefined|Infinity|object/);
      }
    },
  );
});

describe('positions', () => {
  it('open, grow, turn and close', () => {
    const rules = new SessionRules(INPUT);
    const kinds = [fill('buy', 100), fill('buy', 50), fill('sell', 200), fill('buy', 50)].map((one, i) =>
      rules
        .happened('fill', { ...one, orderId: `o${i}` }, NOW)
        .map(({ kind }) => kind)
        .slice(1),
    );
    expect(kinds).toEqual([['position-opened'], [], ['position-closed', 'position-opened'], ['position-closed']]);
  });

  it('that were there before are known', () => {
    const rules = new SessionRules(INPUT);
    rules.begin([{ instrument: 'EUR/USD', units: 100 }], {});
    expect(rules.happened('fill', fill('sell', 100), NOW).map(({ kind }) => kind)).toEqual([
      'trade-executed',
      'position-closed',
    ]);
  });
});

describe('connections', () => {
  const down = { stream: 'quotes', state: 'down', why: 'the connection ended' };
  const up = { stream: 'quotes', state: 'up' };

  it('that are back at once are no news', () => {
    const rules = new SessionRules(INPUT);
    rules.happened('stream', down, NOW);
    expect([...rules.happened('stream', up, NOW + 2_000), ...rules.tick(NOW + 10_000)]).toEqual([]);
  });

  it('that stay away are told once, within 5 s, and once when they are back', () => {
    const rules = new SessionRules(INPUT);
    const kinds: string[] = [];
    for (let at = NOW; at <= NOW + 60_000; at += 1_000) {
      if (at % 5_000 === 0 && at < NOW + 40_000)
        for (const { kind } of rules.happened('stream', down, at)) kinds.push(kind);
      if (at === NOW + 50_000) for (const { kind } of rules.happened('stream', up, at)) kinds.push(kind);
      for (const { kind, ts } of rules.tick(at)) {
        kinds.push(kind);
        expect(ts - NOW).toBeLessThanOrEqual(5_000);
      }
    }
    expect(kinds).toEqual(['feed-stale', 'feed-back']);
  });

  it('prices that are old instrument by instrument are told once, and once when the last is back', () => {
    const rules = new SessionRules(INPUT);
    const steps = [
      ['EUR/USD', 'stale'],
      ['USD/JPY', 'stale'],
      ['EUR/USD', 'fresh'],
      ['USD/JPY', 'fresh'],
    ] as const;
    const kinds = steps.flatMap(([instrument, state], i) => [
      ...rules.happened('feed', { instrument, state }, NOW + i * 10_000).map(({ kind }) => kind),
      ...rules.tick(NOW + i * 10_000 + 5_000).map(({ kind }) => kind),
    ]);
    expect(kinds).toEqual(['feed-stale', 'feed-back']);
  });

  it.each([
    ['stale', {}, 'no prices from oanda: why; nothing new is bought or sold on old prices'],
    ['failed-over', { to: 'tiingo' }, 'no prices from oanda: why; tiingo serves instead'],
    ['disagree', {}, 'two vendors tell different prices: why; nothing new is bought or sold until they agree'],
  ])('a feed that is %s says what follows from it', (state, more, text) => {
    const rules = new SessionRules(INPUT);
    rules.happened('feed', { feed: 'oanda', state, why: 'why', ...more }, NOW);
    expect(rules.tick(NOW + 5_000).map((alert) => [alert.kind, alert.subject, alert.text])).toEqual([
      ['feed-stale', 'oanda', text],
    ]);
    expect(rules.happened('feed', { feed: 'oanda', state: 'back' }, NOW + 9_000).map(({ kind }) => kind)).toEqual([
      'feed-back',
    ]);
  });

  it.each([
    ['broker', { state: 'down', message: 'BROKER.UNREACHABLE' }, 'critical'],
    ['stream', { stream: 'events', state: 'down', why: 'x' }, 'warning'],
  ] as const)('%s away: %s', (kind, fields, severity) => {
    const rules = new SessionRules(INPUT);
    rules.happened(kind, fields, NOW);
    expect(rules.tick(NOW + 4_000)).toMatchObject([{ kind: 'broker-down', severity }]);
  });
});

describe('losses that come near their limits', () => {
  it('are told once a day, before they are reached', () => {
    const rules = new SessionRules(INPUT);
    const path = [100_000, 98_500, 98_300, 98_350, 98_300, 97_900];
    const told = path.flatMap((equity) =>
      rules.happened('bar', { equity }, NOW).map(({ subject, text }) => [subject, text]),
    );
    expect(told).toEqual([['dailyLossBps', 'dailyLossBps is at 170 bps, its limit is 200 bps']]);
  });
});

describe('the daily summary', () => {
  const FIVE_PAST = Date.UTC(2026, 0, 5, 22, 5);

  it('comes at 17:05 New York, with the day, and not at weekends', () => {
    const rules = new SessionRules(INPUT);
    rules.begin([{ instrument: 'EUR/USD', units: 100 }], {});
    rules.happened('bar', { equity: 100_000 }, NOW);
    rules.happened('fill', fill('buy', 50), NOW);
    rules.happened('bar', { equity: 100_250 }, NOW + 1);
    const told: (readonly [number, string])[] = [];
    for (let at = NOW; at < NOW + 8 * 86_400_000; at += 60_000) {
      for (const { kind, text } of rules.tick(at)) if (kind === 'daily-summary') told.push([at, text]);
    }
    expect(told[0]).toEqual([FIVE_PAST, 'equity 100250.00 USD, +250.00 USD on the day, 1 fill(s), open: EUR/USD 150']);
    const days = told.map(([at]) => new Date(at).toISOString().slice(8, 10));
    expect(days).toEqual(['05', '06', '07', '08', '09', '12']);
  });

  it('says nothing before anything is known', () => {
    expect(new SessionRules(INPUT).tick(FIVE_PAST)).toEqual([]);
  });

  it('goes on from what the session before saw of the same day', () => {
    const rules = new SessionRules(INPUT);
    rules.begin([], { time: new Date(NOW - 3_600_000).toISOString(), equity: 101_000, change: 1_000, fills: 2 });
    rules.happened('bar', { equity: 101_500 }, NOW);
    expect(rules.summaryNow(NOW)).toMatchObject([
      { text: 'equity 101500.00 USD, +1500.00 USD on the day, 2 fill(s), open: nothing' },
    ]);
  });
});
