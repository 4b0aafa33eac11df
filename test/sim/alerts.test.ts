import { expect, it } from 'vitest';
import { AlertDesk } from '../../src/alerts/desk.js';
import type { Channel, Receipt } from '../../src/core/alerts/channel.js';
import type { ChannelName } from '../../src/core/alerts/kinds.js';
import { AlertPlanner } from '../../src/core/alerts/planner.js';
import { SessionRules } from '../../src/core/alerts/rules.js';
import { defaultAlertSettings } from '../../src/core/alerts/settings.js';
import type { OrderWorld } from './orders/world.js';
import { playSession } from './session/run.js';

type Way = 'healthy' | 'dead' | 'slow' | 'lying';
const NAMES: readonly ChannelName[] = ['email', 'slack', 'sms', 'webhook'];
const LIMITS = {
  dailyLossBps: 1,
  weeklyLossBps: null,
  drawdownReduceBps: 2,
  drawdownHaltBps: null,
  drawdownStopBps: null,
};

/** A desk that hears what the sessions of a world say; its sleepers wake when something happens, and schedule nothing. */
function listenTo(world: OrderWorld, way: Way) {
  const { scheduler } = world;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const sends: string[] = [];
  let messages = 0;
  const wait = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((done) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        done();
      };
      sleepers.push({ at: scheduler.now + ms, wake });
      signal?.addEventListener('abort', wake);
    });
  const wakeDue = (): void => {
    for (const sleeper of sleepers.splice(0)) {
      if (sleeper.at <= scheduler.now) sleeper.wake();
      else sleepers.push(sleeper);
    }
  };
  const ways: Readonly<Record<Way, () => Promise<Receipt>>> = {
    healthy: () => wait(90).then(() => ({ kind: 'sent' })),
    dead: () => wait(3_500).then(() => ({ kind: 'failed', why: 'no answer', permanent: false })),
    slow: () => new Promise(() => undefined),
    lying: async () => ({}) as Receipt,
  };
  const channels = new Map(
    NAMES.map((name): [ChannelName, Channel] => [
      name,
      {
        name,
        send: () => {
          messages++;
          return ways[way]();
        },
      },
    ]),
  );
  const settings = defaultAlertSettings();
  const desk = new AlertDesk({
    planner: new AlertPlanner(settings, NAMES),
    channels,
    heartbeatMs: 60_000,
    clock: { now: () => world.wall(), observe: () => undefined },
    stopwatch: { mono: () => scheduler.now },
    wait,
    redact: (text) => text,
    keep: () => {
      // A disk that takes nothing is the worst that the log can meet.
      throw new Error('ENOSPC');
    },
    acknowledgedAt: () => undefined,
    tick: (now) => rules.tick(now),
  });
  const rules = new SessionRules({ source: 'live sim', settings, limits: LIMITS, currency: 'USD', now: world.wall() });
  world.heard = (kind, fields) => {
    wakeDue();
    for (const alert of rules.happened(kind, fields as Readonly<Record<string, unknown>>, world.wall()))
      desk.tell(alert);
  };
  const leaves = world.network.onLeave;
  world.network.onLeave = (request) => {
    if (request.method !== 'GET') sends.push(`${scheduler.now} ${request.method} ${request.url} ${request.body ?? ''}`);
    wakeDue();
    leaves(request);
  };
  desk.start();
  return { sends, messages: () => messages };
}

// Seeds in which orders leave; in some, trouble lets none.
it.each([1, 2, 4, 5, 6].map((seed) => [seed]))(
  'seed %i of the whole session: every order leaves at the same virtual moment with every channel healthy, dead, slow or lying, or none at all',
  async (seed) => {
    const bare: string[] = [];
    await playSession({ seed }, (world) => {
      const leaves = world.network.onLeave;
      world.network.onLeave = (request) => {
        if (request.method !== 'GET')
          bare.push(`${world.scheduler.now} ${request.method} ${request.url} ${request.body ?? ''}`);
        leaves(request);
      };
    });
    for (const way of ['healthy', 'dead', 'slow', 'lying'] as const) {
      let heard: ReturnType<typeof listenTo> | undefined;
      const played = await playSession({ seed }, (world) => {
        heard = listenTo(world, way);
      });
      expect(played.failure).toBeUndefined();
      expect(heard?.messages()).toBeGreaterThan(0);
      expect(heard?.sends).toEqual(bare);
    }
    expect(bare.length).toBeGreaterThan(0);
  },
  120_000,
);
