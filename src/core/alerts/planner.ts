import type { EpochMs } from '../model/ids.js';
import { type Alert, alertOf, endedKey, newsKey } from './alert.js';
import type { Outgoing, Receipt } from './channel.js';
import type { ChannelName } from './kinds.js';
import { Lane, type Pace, type Story, type Waiting } from './lane.js';
import { quietUntil } from './quiet.js';
import { type AlertSettings, escalationRoute, routeOf } from './settings.js';

/** Between two messages of one channel, ms: slower than what each allows. Calls are few, whatever happens. */
const GAPS: Readonly<Record<ChannelName, number>> = {
  console: 0,
  email: 1_000,
  slack: 1_100,
  discord: 600,
  telegram: 1_100,
  sms: 1_100,
  voice: 60_000,
  webhook: 100,
  ping: 0,
};

/** Nobody is woken by these for anything less than critical, not even when everything else failed. */
const CRITICAL_ONLY: ReadonlySet<ChannelName> = new Set(['sms', 'voice', 'ping']);
const TRIES_MAX = 3;
/** A critical message whose channel asks for no more than this waits for it, ms. */
const SHORT_PAUSE_MS = 2_000;
const AGE_MAX_MS = 24 * 3_600_000;

interface Said {
  readonly alert: Alert;
  until: EpochMs;
  repeats: number;
}

interface Standing {
  readonly alert: Alert;
  nextAt: EpochMs;
  left: number;
}

/**
 * Decides which message leaves when and by which channel. A machine of values: told alerts, times and receipts, it answers
 * with messages; the same calls give the same messages. It sends nothing and knows no clock.
 */
export class AlertPlanner {
  readonly #settings: AlertSettings;
  readonly #lanes: ReadonlyMap<ChannelName, Lane>;
  readonly #open: ReadonlySet<ChannelName>;
  readonly #said = new Map<string, Said>();
  readonly #standing = new Map<string, Standing>();
  readonly #repeats = new Map<string, number>();
  readonly #ownNews: Alert[] = [];
  #count = 0;

  constructor(settings: AlertSettings, open: readonly ChannelName[]) {
    this.#settings = settings;
    this.#open = new Set(open);
    this.#lanes = new Map(open.map((name) => [name, new Lane(name, this.#pace(name))]));
  }

  /** Takes an alert in. False when it is the same news as one of a moment ago: then it is only counted. */
  offer(alert: Alert, now: EpochMs): boolean {
    const ended = endedKey(alert);
    if (ended !== undefined) {
      this.#said.delete(ended);
      this.#standing.delete(ended);
    }
    const key = newsKey(alert);
    const said = this.#said.get(key);
    if (said !== undefined && now < said.until) {
      said.repeats++;
      return false;
    }
    this.#said.set(key, { alert, until: now + this.#settings.repeatAfterMs, repeats: 0 });
    this.#send(alert, now);
    this.#escalate(key, alert, now);
    if (alert.kind === 'resume') this.#resumed();
    return true;
  }

  /** An earlier session told this at `at`: the same news is no news yet. In the order in which they were told. */
  remember(alert: Alert, at: EpochMs): void {
    const ended = endedKey(alert);
    if (ended !== undefined) this.#said.delete(ended);
    if (alert.kind === 'resume') this.#resumed();
    this.#said.set(newsKey(alert), { alert, until: at + this.#settings.repeatAfterMs, repeats: 0 });
  }

  /** A person has seen every critical alert up to `until`. */
  acknowledge(until: EpochMs = Number.POSITIVE_INFINITY): void {
    for (const [key, { alert }] of this.#standing) if (alert.ts <= until) this.#standing.delete(key);
  }

  /** No more comes: what waits for company leaves now. */
  last(): void {
    for (const lane of this.#lanes.values()) lane.last();
  }

  /** True while a message is under way, or due and not yet sent. */
  isBusy(now: EpochMs): boolean {
    return this.#ownNews.length > 0 || [...this.#lanes.values()].some((lane) => lane.isBusy(now));
  }

  /** Takes out everything that was not sent: alerts that reached nobody. */
  leftOver(): readonly Alert[] {
    const left = [...this.#lanes.values()].flatMap((lane) => lane.clear());
    return [...new Set(left.filter(({ story }) => story.delivered === 0).map(({ story }) => story.alert))];
  }

  /** Critical alerts that nobody has acknowledged. */
  get unacknowledged(): readonly Alert[] {
    return [...this.#standing.values()].map(({ alert }) => alert);
  }

  /** Messages that leave now; each must be answered with `settle`. */
  due(now: EpochMs): readonly Outgoing[] {
    this.#summariseRepeats(now);
    this.#tellAgain(now);
    for (const alert of this.#ownNews.splice(0)) this.offer(alert, now);
    for (const lane of this.#lanes.values()) {
      for (const item of lane.takeStranded(now)) this.#fallOver(lane, item, now, lane.opensAt);
    }
    const out: Outgoing[] = [];
    for (const lane of this.#lanes.values()) {
      for (let batch = lane.next(now); batch !== undefined; batch = lane.next(now)) {
        const { urgent, why, items, dropped } = batch;
        const alerts = items.map(({ story }) => story.alert);
        const id = `${lane.name}-${++this.#count}`;
        const isDigest = why === 'now' && !urgent && alerts.length > 1;
        const repeats = Object.fromEntries(alerts.map((one) => [one.id, this.#repeats.get(one.id) ?? 0]));
        out.push({ id, channel: lane.name, alerts, why: isDigest ? 'digest' : why, repeats, dropped, urgent, at: now });
        lane.started(id, batch, now);
      }
    }
    return out;
  }

  /** What became of a message. Returns the alerts that nobody will try to send any more. */
  settle(message: Outgoing, receipt: Receipt, now: EpochMs): readonly Alert[] {
    const lane = this.#lanes.get(message.channel);
    const batch = lane?.ended(message.id, receipt, now);
    if (lane === undefined || batch === undefined) return [];
    if (receipt.kind === 'sent') {
      for (const { story } of batch.items) story.delivered++;
      return [];
    }
    if (receipt.permanent || lane.failures === TRIES_MAX) this.#channelFailed(lane, receipt.why, now);
    const lost: Alert[] = [];
    for (const item of batch.items) {
      item.attempts++;
      if (!this.#again(lane, item, receipt, now)) lost.push(item.story.alert);
    }
    return lost;
  }

  /** Whoever resumes has seen what happened; should it happen again, it is news. */
  #resumed(): void {
    this.acknowledge();
    for (const [key, { alert }] of this.#said) if (alert.severity === 'critical') this.#said.delete(key);
  }

  /** False when the item is given up. */
  #again(lane: Lane, item: Waiting, receipt: Receipt & { readonly kind: 'failed' }, now: EpochMs): boolean {
    const { alert, delivered } = item.story;
    const isCritical = alert.severity === 'critical';
    const pause = receipt.retryAfterMs ?? Number.POSITIVE_INFINITY;
    if (isCritical && !receipt.permanent && pause <= SHORT_PAUSE_MS) {
      lane.push({ ...item, dueAt: now + pause });
      return true;
    }
    const throttled = receipt.retryAfterMs !== undefined;
    const isTired = receipt.permanent || (!throttled && item.attempts >= TRIES_MAX);
    if ((isCritical || isTired) && this.#fallOver(lane, item, now, undefined)) return true;
    // Somebody has it, and this channel does not want it: enough.
    if (isTired && (delivered > 0 || !isCritical)) return false;
    if (now - alert.ts > AGE_MAX_MS) return false;
    lane.push({ ...item, dueAt: lane.opensAt });
    return true;
  }

  /** To the first channel that was not given it. Where there is none it stays, until `waitUntil`. */
  #fallOver(lane: Lane, item: Waiting, now: EpochMs, waitUntil: EpochMs | undefined): boolean {
    const { alert, given } = item.story;
    const name = this.#settings.fallback.find(
      (one) =>
        !given.has(one) &&
        this.#lanes.get(one)?.isOpen(now) === true &&
        (alert.severity === 'critical' || !CRITICAL_ONLY.has(one)),
    );
    const other = name === undefined ? undefined : this.#lanes.get(name);
    if (other === undefined) {
      if (waitUntil !== undefined) lane.push({ ...item, dueAt: waitUntil });
      return false;
    }
    given.add(other.name);
    other.push({
      story: item.story,
      why: item.why === 'escalation' ? 'escalation' : 'fallback',
      dueAt: now,
      attempts: 0,
    });
    return true;
  }

  #send(alert: Alert, now: EpochMs, route = routeOf(this.#settings, alert, this.#open)): void {
    const story: Story = { alert, given: new Set(route), delivered: 0 };
    const quiet = alert.severity === 'critical' ? now : quietUntil(this.#settings, now);
    for (const name of route) {
      const dueAt = name === 'console' ? now : quiet;
      this.#lanes.get(name)?.push({ story, why: 'now', dueAt, attempts: 0 });
    }
  }

  #escalate(key: string, alert: Alert, now: EpochMs): void {
    const { everyMs, times } = this.#settings.escalation;
    if (alert.severity !== 'critical' || everyMs === 0 || times === 0) return;
    this.#standing.set(key, { alert, nextAt: now + everyMs, left: times });
  }

  #tellAgain(now: EpochMs): void {
    for (const [key, standing] of this.#standing) {
      if (standing.nextAt > now) continue;
      standing.nextAt = now + this.#settings.escalation.everyMs;
      standing.left--;
      const route = escalationRoute(this.#settings, standing.alert, this.#open);
      const story: Story = { alert: standing.alert, given: new Set(route), delivered: 0 };
      for (const name of route) this.#lanes.get(name)?.push({ story, why: 'escalation', dueAt: now, attempts: 0 });
      if (standing.left <= 0) this.#standing.delete(key);
    }
  }

  /** What came again and again in its window is told once more, with the number of times. */
  #summariseRepeats(now: EpochMs): void {
    for (const [key, said] of this.#said) {
      if (said.until > now) continue;
      if (said.repeats === 0) {
        this.#said.delete(key);
        continue;
      }
      const again: Alert = { ...said.alert, id: `${said.alert.id}:${now.toString(36)}` };
      this.#repeats.set(again.id, said.repeats);
      if (this.#repeats.size > REPEATS_KEPT) this.#repeats.delete(this.#repeats.keys().next().value ?? '');
      this.#said.set(key, { alert: said.alert, until: now + this.#settings.repeatAfterMs, repeats: 0 });
      this.#send(again, now);
    }
  }

  #channelFailed(lane: Lane, why: string, now: EpochMs): void {
    const text = `${lane.name} takes no messages: ${why}; they go elsewhere`;
    this.#ownNews.push(alertOf({ ts: now, kind: 'channel-failed', subject: lane.name, source: 'alerts', text }));
  }

  #pace(name: ChannelName): Pace {
    const { digestMs, maxPerHour } = this.#settings;
    if (name === 'console') return { gapMs: 0, digestMs: 0, perHour: Number.POSITIVE_INFINITY };
    return { gapMs: GAPS[name], digestMs, perHour: maxPerHour };
  }
}

/** Counts of repeats that are remembered for messages that are still to leave. */
const REPEATS_KEPT = 1_000;
