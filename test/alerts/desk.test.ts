import { describe, expect, it } from 'vitest';
import { AlertDesk, type AlertDeskParts } from '../../src/alerts/desk.js';
import { alertOf } from '../../src/core/alerts/alert.js';
import type { Channel, Receipt } from '../../src/core/alerts/channel.js';
import { ALERT_KINDS, type AlertKind, type ChannelName } from '../../src/core/alerts/kinds.js';
import { AlertPlanner } from '../../src/core/alerts/planner.js';
import { defaultAlertSettings } from '../../src/core/alerts/settings.js';
import type { AlertRecord } from '../../src/core/state/alerts/alert-log.js';
import { Scheduler } from '../sim/world/scheduler.js';

const START = Date.UTC(2026, 0, 5, 12);

type Way = 'healthy' | 'dead' | 'slow' | 'lying' | 'throwing';
const WAYS: Readonly<Record<Way, (after: (ms: number) => Promise<void>) => Promise<Receipt>>> = {
  healthy: async (after) => after(80).then(() => ({ kind: 'sent' })),
  dead: async (after) => after(3_500).then(() => ({ kind: 'failed', why: 'no answer', permanent: false })),
  slow: () => new Promise<Receipt>(() => undefined),
  lying: async () => 'yes' as unknown as Receipt,
  throwing: () => {
    throw new Error('a channel of its own mind');
  },
};

function scene(ways: Readonly<Partial<Record<ChannelName, Way>>>, more: Partial<AlertDeskParts> = {}) {
  const scheduler = new Scheduler(START, 'alerts');
  const wait = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((done) => {
      const wake = (): void => {
        cancel();
        signal?.removeEventListener('abort', wake);
        done();
      };
      const cancel = scheduler.in(signal?.aborted === true ? 0 : ms, 'wakes', wake);
      signal?.addEventListener('abort', wake);
    });
  const left: { readonly channel: ChannelName; readonly at: number; readonly kinds: readonly AlertKind[] }[] = [];
  const names = Object.keys(ways) as ChannelName[];
  const channels = new Map(
    names.map((name): [ChannelName, Channel] => [
      name,
      {
        name,
        send: (message) => {
          left.push({ channel: name, at: scheduler.now - START, kinds: message.alerts.map(({ kind }) => kind) });
          return WAYS[ways[name] ?? 'healthy'](wait);
        },
      },
    ]),
  );
  const records: AlertRecord[] = [];
  const desk = new AlertDesk({
    planner: new AlertPlanner(defaultAlertSettings(), names),
    channels,
    heartbeatMs: 60_000,
    clock: { now: () => scheduler.now, observe: () => undefined },
    stopwatch: { mono: () => scheduler.now - START },
    wait,
    redact: (text) => text.replaceAll('hunter2', '[secret X]'),
    keep: (lines) => void records.push(...lines),
    acknowledgedAt: () => undefined,
    ...more,
  });
  const run = (ms: number) =>
    scheduler.run(
      scheduler.now + ms,
      () => undefined,
      () => false,
    );
  const tell = (kind: AlertKind, subject = '', text = 'x') =>
    desk.tell(alertOf({ ts: scheduler.now, kind, subject, source: 'live 1', text }));
  return { scheduler, desk, left, records, run, tell, wait };
}

const ALL: readonly Way[] = ['healthy', 'dead', 'slow', 'lying', 'throwing'];

describe('trading and alerts', () => {
  it('an order leaves at the same moment whatever the channels do, with an alert of every kind at every order', async () => {
    const moments: string[] = [];
    for (const way of ALL) {
      const { desk, scheduler, run, tell, wait } = scene({ slack: way, email: way, webhook: way, sms: way });
      desk.start();
      const sends: number[] = [];
      // A session: decides, tells, sends, twenty times a second.
      const session = (async () => {
        for (let i = 0; i < 200; i++) {
          for (const kind of ALERT_KINDS) tell(kind, String(i));
          await null;
          sends.push(scheduler.now - START);
          await wait(50);
        }
      })();
      await run(60_000);
      await session;
      moments.push(sends.join());
    }
    expect(new Set(moments).size).toBe(1);
    expect(moments[0]?.split(',')).toHaveLength(200);
  });

  it.each(ALERT_KINDS.map((kind) => [kind]))('%s leaves within 5 s', async (kind) => {
    const { desk, left, run, tell } = scene({ slack: 'healthy' });
    desk.start();
    await run(10_000);
    tell(kind);
    await run(6_000);
    expect(left.filter(({ kinds }) => kinds.includes(kind)).map(({ at }) => at - 10_000 <= 5_000)).toContain(true);
  });

  it.each(ALL.filter((way) => way !== 'healthy'))(
    'what is critical reaches a second channel within 5 s when the first is %s',
    async (way) => {
      const { desk, left, run, tell } = scene({ slack: way, telegram: 'healthy' });
      desk.start();
      tell('halt');
      await run(5_000);
      expect(left.some(({ channel, at }) => channel === 'telegram' && at <= 5_000)).toBe(true);
    },
  );
});

describe('the log of delivery', () => {
  it('holds each alert, each message, each failure, and no secret', async () => {
    const { desk, records, run, tell } = scene({ slack: 'healthy', telegram: 'lying' });
    desk.start();
    tell('halt', 'all', 'the token hunter2 was refused');
    await run(2_000);
    expect(records.map(({ type, channel }) => [type, channel])).toEqual(
      expect.arrayContaining([
        ['alert', undefined],
        ['sent', 'slack'],
        ['failed', 'telegram'],
      ]),
    );
    expect(JSON.stringify(records)).not.toContain('hunter2');
  });

  it('that cannot be written stops nothing', async () => {
    const { desk, left, run, tell } = scene(
      { slack: 'healthy' },
      {
        keep: () => {
          throw new Error('ENOSPC');
        },
      },
    );
    desk.start();
    tell('halt');
    await run(2_000);
    expect([left.length, desk.trouble]).toEqual([1, 'ENOSPC']);
  });

  it('names what did not leave when the session ended', async () => {
    const { desk, records, run, tell } = scene({ slack: 'slow' });
    desk.start();
    tell('stop-hit');
    tell('daily-loss');
    await run(500);
    const ended = desk.end(5_000);
    await run(6_000);
    await ended;
    expect(records.filter(({ type }) => type === 'held')).toHaveLength(0);
    expect(records.filter(({ type }) => type === 'alert')).toHaveLength(2);
  });

  it('a desk that ends sends what waited for company, and does not wait for what nobody takes', async () => {
    const { desk, left, run, tell, scheduler } = scene({ slack: 'healthy' });
    desk.start();
    tell('trade-executed', '1');
    await run(2_000);
    tell('trade-executed', '2');
    await run(2_000);
    const begun = scheduler.now;
    let endedAt = 0;
    const ended = desk.end(5_000).then(() => {
      endedAt = scheduler.now;
    });
    await run(6_000);
    await ended;
    expect(left).toHaveLength(2);
    expect(endedAt - begun).toBeLessThan(1_000);
  });
});

describe('the outside watcher', () => {
  const watched = (way: Way) => {
    const beats: (readonly [string, number])[] = [];
    const base = scene({});
    const watcher = {
      name: 'ping' as const,
      send: async (): Promise<Receipt> => ({ kind: 'sent' }),
      beat: (what: 'start' | 'alive' | 'end') => {
        beats.push([what, base.scheduler.now - START]);
        return WAYS[way](base.wait);
      },
    };
    return { beats, watcher };
  };

  it('hears of the begin, then once a minute', async () => {
    const { beats, watcher } = watched('lying');
    const { desk, run } = scene({}, { watcher });
    desk.start();
    await run(185_000);
    expect(beats.map(([what]) => what)).toEqual(['start', 'alive', 'alive', 'alive']);
  });

  it('that hangs gets no pile of signs', async () => {
    const { beats, watcher } = watched('slow');
    const { desk, run } = scene({}, { watcher });
    desk.start();
    await run(600_000);
    expect(beats).toHaveLength(1);
  });

  it('hears no good news after a crash', async () => {
    const { beats, watcher } = watched('lying');
    const { desk, run } = scene({}, { watcher });
    desk.start();
    const ended = desk.end(1_000, true);
    await run(2_000);
    await ended;
    expect(beats.map(([what]) => what)).toEqual(['start']);
  });
});
