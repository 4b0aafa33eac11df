import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertOf, type News } from '../../../src/core/alerts/alert.js';
import type { Outgoing, Receipt } from '../../../src/core/alerts/channel.js';
import { ALERT_KINDS, type AlertKind, type ChannelName, KINDS } from '../../../src/core/alerts/kinds.js';
import { AlertPlanner } from '../../../src/core/alerts/planner.js';
import { type AlertSettings, defaultAlertSettings } from '../../../src/core/alerts/settings.js';

const NOW = Date.UTC(2026, 0, 5, 12);
const MINUTE = 60_000;
const SENT: Receipt = { kind: 'sent' };
const FAILED: Receipt = { kind: 'failed', why: 'no answer', permanent: false };
const GONE: Receipt = { kind: 'failed', why: 'it answers 404', permanent: true };

const news = (kind: AlertKind, more: Partial<News> = {}) =>
  alertOf({ ts: NOW, kind, source: 'paper default', text: 'x', ...more });
const planner = (open: readonly ChannelName[], settings: Partial<AlertSettings> = {}) =>
  new AlertPlanner({ ...defaultAlertSettings(), ...settings }, open);
const kindsOf = (messages: readonly Outgoing[]) =>
  messages.map(({ channel, alerts }) => [channel, ...alerts.map(({ kind }) => kind)].join(' '));

/** Moves time on in steps and answers each message at once. */
function play(plan: AlertPlanner, from: number, to: number, receipt: (message: Outgoing) => Receipt = () => SENT) {
  const out: { readonly at: number; readonly message: Outgoing }[] = [];
  for (let now = from; now <= to; now += 250) {
    for (const message of plan.due(now)) {
      out.push({ at: now, message });
      plan.settle(message, receipt(message), now);
    }
  }
  return out;
}

describe('who is told', () => {
  it.each([
    ['trade-executed', ['email', 'slack']],
    ['stop-hit', ['console', 'email', 'slack']],
    ['halt', ['console', 'email', 'slack', 'sms']],
    ['crashed', ['console', 'email', 'slack', 'sms', 'ping']],
  ] as const)('%s goes to %j when nothing is set', (kind, channels) => {
    const plan = planner(['console', 'email', 'slack', 'sms', 'voice', 'ping']);
    plan.offer(news(kind), NOW);
    expect(plan.due(NOW).map(({ channel }) => channel)).toEqual(channels);
  });

  it('a route of a kind wins over one of its severity', () => {
    const plan = planner(['email', 'slack'], { routes: { warning: ['slack'], 'stop-hit': ['email'] } });
    plan.offer(news('stop-hit'), NOW);
    plan.offer(news('daily-loss'), NOW);
    expect(kindsOf(plan.due(NOW))).toEqual(['email stop-hit', 'slack daily-loss']);
  });
});

describe('the same news', () => {
  it('is told once in its window, then with the number of times', () => {
    const plan = planner(['slack']);
    for (let i = 0; i < 10; i++) plan.offer(news('order-refused', { ts: NOW + i }), NOW + i);
    const told = play(plan, NOW, NOW + 16 * MINUTE);
    expect(told.map(({ message }) => Object.values(message.repeats))).toEqual([[0], [9]]);
  });

  it('is news again after its end was told', () => {
    const plan = planner(['slack'], { digestMs: 0 });
    plan.offer(news('feed-stale'), NOW);
    plan.offer(news('feed-back'), NOW + 1);
    plan.offer(news('feed-stale'), NOW + 2);
    const kinds = play(plan, NOW + 2, NOW + MINUTE).flatMap(({ message }) => message.alerts.map(({ kind }) => kind));
    expect(kinds.sort()).toEqual(['feed-back', 'feed-stale', 'feed-stale']);
  });
});

describe('when it is told', () => {
  it('mild news that follow one another come together', () => {
    const plan = planner(['slack']);
    for (let i = 0; i < 30; i++) {
      plan.offer(news('trade-executed', { subject: String(i) }), NOW + i * 1_000);
      for (const message of plan.due(NOW + i * 1_000)) plan.settle(message, SENT, NOW + i * 1_000);
    }
    const rest = play(plan, NOW + 30_000, NOW + 5 * MINUTE);
    expect(rest.map(({ message }) => [message.why, message.alerts.length])).toEqual([
      ['digest', 20],
      ['digest', 9],
    ]);
  });

  it.each([
    ['22:59 in New York', Date.UTC(2026, 0, 6, 3, 59), 'info', 0],
    ['23:30 in New York', Date.UTC(2026, 0, 6, 4, 30), 'info', 6.5 * 60 * MINUTE],
    ['23:30, critical', Date.UTC(2026, 0, 6, 4, 30), 'critical', 0],
    ['the night when clocks go forward', Date.UTC(2026, 2, 8, 5, 30), 'info', 5.5 * 60 * MINUTE],
  ] as const)('quiet hours from 23:00 to 06:00: %s', (_, at, severity, delay) => {
    const plan = planner(['slack'], { quietHours: { from: 23 * 60, to: 6 * 60 } });
    plan.offer(news('note', { ts: at, severity }), at);
    const [first] = play(plan, at, at + 8 * 60 * MINUTE);
    const waited = (first?.at ?? 0) - at;
    // In the night when clocks change the wait ends with the wall clock, told anew each time it is asked.
    expect(Math.abs(waited - delay)).toBeLessThanOrEqual(
      severity === 'info' && delay === 5.5 * 60 * MINUTE ? 60 * MINUTE : 250,
    );
  });

  it('ordinary messages stay within the hour’s number; critical ones always leave', () => {
    const plan = planner(['slack'], { maxPerHour: 5, digestMs: 0, escalation: { everyMs: 0, times: 0, channels: [] } });
    const all: Outgoing[] = [];
    for (let i = 0; i < 100; i++) {
      const now = NOW + i * 20_000;
      plan.offer(news('stop-hit', { subject: String(i), ts: now }), now);
      if (i % 10 === 0) plan.offer(news('halt', { subject: String(i), ts: now }), now);
      all.push(...play(plan, now, now + 19_000).map(({ message }) => message));
    }
    expect(all.filter(({ urgent }) => !urgent)).toHaveLength(5);
    expect(all.filter(({ urgent }) => urgent)).toHaveLength(10);
  });
});

describe('a channel that fails', () => {
  it('hands what is critical to the next one at once', () => {
    const plan = planner(['slack', 'telegram'], { routes: { critical: ['slack'] } });
    plan.offer(news('halt'), NOW);
    const told = play(plan, NOW, NOW + 5_000, ({ channel }) => (channel === 'slack' ? FAILED : SENT));
    expect(told.map(({ at, message }) => [at - NOW, message.channel, message.why])).toEqual([
      [0, 'slack', 'now'],
      [250, 'telegram', 'fallback'],
    ]);
  });

  it('is asked three times for what can wait, then the next one', () => {
    const plan = planner(['slack', 'telegram'], { routes: { 'stop-hit': ['slack'], 'channel-failed': [] } });
    plan.offer(news('stop-hit'), NOW);
    const told = play(plan, NOW, NOW + 2 * MINUTE, ({ channel }) => (channel === 'slack' ? FAILED : SENT));
    expect(told.map(({ message }) => message.channel)).toEqual(['slack', 'slack', 'slack', 'telegram']);
  });

  it('that is gone is told about once, elsewhere, and left alone', () => {
    const plan = planner(['slack', 'telegram'], { digestMs: 0 });
    for (let i = 0; i < 10; i++) plan.offer(news('stop-hit', { subject: String(i) }), NOW);
    const told = play(plan, NOW, NOW + 10 * MINUTE, ({ channel }) => (channel === 'slack' ? GONE : SENT));
    expect(told.filter(({ message }) => message.channel === 'slack')).toHaveLength(1);
    const failed = told.flatMap(({ message }) => message.alerts).filter(({ kind }) => kind === 'channel-failed');
    expect(failed.map(({ subject }) => subject)).toEqual(['slack']);
  });

  it('never sends a text message or a call for something that is not critical', () => {
    const plan = planner(['slack', 'sms', 'voice']);
    plan.offer(news('stop-hit'), NOW);
    const told = play(plan, NOW, NOW + 30 * MINUTE, ({ channel }) => (channel === 'slack' ? GONE : SENT));
    expect([...new Set(told.map(({ message }) => message.channel))]).toEqual(['slack']);
  });

  it('gets what is critical again and again where there is no other', () => {
    const plan = planner(['slack'], { escalation: { everyMs: 0, times: 0, channels: [] } });
    plan.offer(news('halt'), NOW);
    let tries = 0;
    const told = play(plan, NOW, NOW + 10 * MINUTE, ({ alerts }) => {
      if (!alerts.some(({ kind }) => kind === 'halt')) return SENT;
      return ++tries < 5 ? FAILED : SENT;
    });
    expect(tries).toBe(5);
    expect(told.filter(({ message }) => message.alerts.some(({ kind }) => kind === 'halt'))).toHaveLength(5);
  });
});

describe('what nobody acknowledges', () => {
  it('is told again by text message and call, as often as set, and no more', () => {
    const plan = planner(['slack', 'sms', 'voice']);
    plan.offer(news('halt'), NOW);
    const told = play(plan, NOW, NOW + 3 * 60 * MINUTE).filter(({ message }) => message.why === 'escalation');
    expect(told.filter(({ message }) => message.channel === 'voice')).toHaveLength(6);
    expect(told.filter(({ message }) => message.channel === 'sms')).toHaveLength(6);
    expect(told[0]?.at).toBe(NOW + 10 * MINUTE);
  });

  it.each([
    ['a person has seen it', (plan: AlertPlanner) => plan.acknowledge(NOW)],
    ['somebody resumed', (plan: AlertPlanner) => plan.offer(news('resume'), NOW + MINUTE)],
  ])('is not told again when %s', (_, act) => {
    const plan = planner(['slack']);
    plan.offer(news('halt'), NOW);
    act(plan);
    expect(play(plan, NOW, NOW + 60 * MINUTE).filter(({ message }) => message.why === 'escalation')).toEqual([]);
  });

  it('is told again when only what came before it was seen', () => {
    const plan = planner(['slack']);
    plan.offer(news('halt', { ts: NOW }), NOW);
    plan.acknowledge(NOW - 1);
    expect(plan.unacknowledged).toHaveLength(1);
  });

  it('a broker that is back needs nobody any more', () => {
    const plan = planner(['slack']);
    plan.offer(news('broker-down'), NOW);
    plan.offer(news('broker-back'), NOW + 1_000);
    expect(plan.unacknowledged).toEqual([]);
  });
});

const channelSets = fc.subarray(['email', 'slack', 'discord', 'telegram', 'sms', 'webhook'] as const, { minLength: 2 });
const happenings = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 20_000 }),
    kind: fc.constantFrom(...ALERT_KINDS),
    subject: fc.constantFrom('a', 'b', 'c'),
  }),
  { minLength: 1, maxLength: 40 },
);

it('given any news and any mix of dead, lying and throttled channels beside one that works, every critical alert leaves by the one that works within 5 s', () => {
  fc.assert(
    fc.property(channelSets, happenings, fc.nat(), (open, list, pick) => {
      const works = open[pick % open.length] ?? 'email';
      const plan = planner(open, { fallback: [...open], routes: { critical: [open[0] ?? 'email'] } });
      const flying: { readonly until: number; readonly message: Outgoing; readonly receipt: Receipt }[] = [];
      const heard = new Map<string, number>();
      const wanted = new Map<string, number>();
      const due = [...list];
      let next = NOW;
      for (let now = NOW; now < NOW + 40 * 20_000 + 30_000; now += 250) {
        while (due[0] !== undefined && next + due[0].after <= now) {
          next += due[0].after;
          const { kind, subject } = due.shift() ?? { kind: 'note', subject: '' };
          const alert = news(kind, { subject, ts: now });
          if (plan.offer(alert, now) && KINDS[kind].severity === 'critical') wanted.set(alert.id, now);
        }
        for (const one of flying.splice(0)) {
          if (one.until > now) flying.push(one);
          else plan.settle(one.message, one.receipt, now);
        }
        for (const message of plan.due(now)) {
          const isGood = message.channel === works;
          if (isGood) for (const { id } of message.alerts) if (!heard.has(id)) heard.set(id, now);
          // A dead one takes its whole 3.5 s to fail.
          const slow = pick % 2 === 0 ? 3_500 : 100;
          flying.push({ until: now + (isGood ? 100 : slow), message, receipt: isGood ? SENT : FAILED });
        }
      }
      for (const [id, at] of wanted) {
        const left = heard.get(id);
        if (open.length === 2) expect([id, left !== undefined && left - at <= 5_000]).toEqual([id, true]);
        else expect([id, left !== undefined]).toEqual([id, true]);
      }
    }),
    { numRuns: 60 },
  );
});

it('given the same calls, the same messages', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      const once = () => {
        const plan = planner(['slack', 'email']);
        let now = NOW;
        return list.flatMap(({ after, kind, subject }) => {
          now += after;
          plan.offer(news(kind, { subject, ts: now }), now);
          return play(plan, now, now + 500);
        });
      };
      expect(once()).toEqual(once());
    }),
    { numRuns: 50 },
  );
});
