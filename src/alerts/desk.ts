import type { Alert } from '../core/alerts/alert.js';
import type { Channel, Outgoing, Receipt } from '../core/alerts/channel.js';
import type { ChannelName } from '../core/alerts/kinds.js';
import type { AlertPlanner } from '../core/alerts/planner.js';
import type { EpochMs } from '../core/model/ids.js';
import type { Clock, Stopwatch, Wait } from '../core/ports/clock.js';
import type { AlertRecord } from '../core/state/alerts/alert-log.js';
import type { Watcher } from './ping/ping.js';

/** What a desk works with. */
export interface AlertDeskParts {
  readonly planner: AlertPlanner;
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly watcher?: Watcher | undefined;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly wait: Wait;
  /** Hides known secrets. */
  redact(text: string): string;
  /** Keeps lines; may throw, then alerts go on without a log. */
  keep(records: readonly AlertRecord[]): void;
  /** When a person last acknowledged; undefined: never. */
  acknowledgedAt(): EpochMs | undefined;
  /** Asked at every look: alerts that come with time. */
  tick?(now: EpochMs): readonly Alert[];
}

const LOOK_MS = 250;
const ACK_LOOK_MS = 5_000;
/** A channel that says nothing for this long has failed, ms: a critical message must reach a second one within 5 s. */
const URGENT_MS = 4_000;
const ORDINARY_MS = 15_000;

/**
 * Carries alerts out, beside trading and never in its way: `tell` puts an alert on a list and returns; planning, writing and
 * sending happen later, on a timer of their own. Nothing here throws.
 */
export class AlertDesk {
  readonly #parts: AlertDeskParts;
  readonly #ended = new AbortController();
  #told: Alert[] = [];
  #records: AlertRecord[] = [];
  #lookIsDue = false;
  #loop: Promise<void> | undefined;
  #time: EpochMs;
  #mono: number;
  #beatAt = Number.NEGATIVE_INFINITY;
  #beats = false;
  #ackAt = Number.NEGATIVE_INFINITY;
  /** The log could not be written; said once. */
  trouble: string | undefined;

  constructor(parts: AlertDeskParts) {
    this.#parts = parts;
    this.#time = parts.clock.now();
    this.#mono = parts.stopwatch.mono();
  }

  /** Takes an alert. Returns at once, whatever the channels do. */
  tell(alert: Alert): void {
    this.#told.push(alert);
    if (this.#lookIsDue) return;
    this.#lookIsDue = true;
    void this.#parts.wait(1).then(() => {
      this.#lookIsDue = false;
      this.look();
    });
  }

  /** Writes a line of its own into the log. */
  note(type: string, fields: Readonly<Record<string, unknown>>): void {
    this.#record(type, this.#now(), fields);
  }

  /** Looks after its channels until `end`. */
  start(): void {
    void this.#beat(this.#now(), 'start');
    this.#loop ??= this.#run();
  }

  /** Sends what is due, waits for it at most `graceMs`, and stops. What is not out by then stands in the log. */
  async end(graceMs: number, crashed = false): Promise<void> {
    const { planner, wait, stopwatch } = this.#parts;
    const begun = stopwatch.mono();
    planner.last();
    this.look();
    // Good news after bad would take the alarm back.
    const lastBeat = crashed ? undefined : this.#beat(this.#now(), 'end');
    while (planner.isBusy(this.#now()) && stopwatch.mono() - begun < graceMs) {
      await wait(20);
      this.look();
    }
    const left = graceMs - (stopwatch.mono() - begun);
    const heard = new AbortController();
    await Promise.race([lastBeat, wait(left, heard.signal)]);
    heard.abort();
    this.#ended.abort();
    await this.#loop;
    const held = planner.leftOver();
    if (held.length > 0) this.note('held', { alerts: held.map(({ id }) => id) });
    this.#flush();
  }

  /** One look: what was told, what is due, what the watcher must hear. */
  look(): void {
    const { planner, tick } = this.#parts;
    const now = this.#now();
    if (this.#told.length === 0 && this.#ended.signal.aborted) return;
    const told = this.#told;
    this.#told = [];
    for (const alert of [...told, ...(tick?.(now) ?? [])]) this.#take(alert, now);
    this.#hearAck(now);
    for (const message of planner.due(now)) void this.#send(message);
    if (now >= this.#beatAt) void this.#beat(now, 'alive');
    this.#flush();
  }

  #take(alert: Alert, now: EpochMs): void {
    const { redact, planner } = this.#parts;
    const clean = { ...alert, text: redact(alert.text), subject: redact(alert.subject), next: redact(alert.next) };
    const isNews = planner.offer(clean, now);
    const { ts, ...fields } = clean;
    if (isNews) this.#record('alert', ts, fields);
    else this.#record('repeat', now, { alert: clean.id });
  }

  async #send(message: Outgoing): Promise<void> {
    const receipt = await this.#receipt(message);
    const { planner } = this.#parts;
    const now = this.#now();
    const alerts = message.alerts.map(({ id }) => id);
    const facts = { message: message.id, channel: message.channel, why: message.why, alerts };
    if (receipt.kind === 'sent') this.#record('sent', now, { ...facts, ref: receipt.ref });
    else this.#record('failed', now, { ...facts, reason: receipt.why, permanent: receipt.permanent });
    const lost = planner.settle(message, receipt, now);
    if (lost.length > 0) this.#record('lost', now, { alerts: lost.map(({ id }) => id), channel: message.channel });
    this.look();
  }

  /** A channel that throws, hangs or answers nonsense has failed. */
  async #receipt(message: Outgoing): Promise<Receipt> {
    const { channels, wait } = this.#parts;
    const over = new AbortController();
    const slow = wait(message.urgent ? URGENT_MS : ORDINARY_MS, over.signal).then(
      (): Receipt => ({ kind: 'failed', why: 'it takes too long', permanent: false }),
    );
    try {
      const sending = channels.get(message.channel)?.send(message, over.signal);
      const receipt = await Promise.race([sending, slow]);
      if (receipt?.kind === 'sent' || receipt?.kind === 'failed') return receipt;
      return { kind: 'failed', why: 'it answers nonsense', permanent: false };
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      return { kind: 'failed', why: `it failed (${name})`, permanent: false };
    } finally {
      over.abort();
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      this.look();
      await this.#parts.wait(LOOK_MS, signal);
    }
  }

  /** One sign of life at a time: a watcher that hangs gets no pile of them. */
  async #beat(now: EpochMs, what: 'start' | 'alive' | 'end'): Promise<void> {
    const { watcher, heartbeatMs } = this.#parts;
    if (watcher === undefined || (this.#beats && what === 'alive')) return;
    this.#beatAt = now + heartbeatMs;
    this.#beats = true;
    try {
      const receipt = await watcher.beat(what);
      if (receipt.kind === 'failed') this.#record('beat-failed', this.#now(), { reason: receipt.why });
    } catch {
      this.#record('beat-failed', this.#now(), { reason: 'it failed' });
    } finally {
      this.#beats = false;
    }
  }

  #hearAck(now: EpochMs): void {
    const { planner, acknowledgedAt } = this.#parts;
    if (now < this.#ackAt || planner.unacknowledged.length === 0) return;
    this.#ackAt = now + ACK_LOOK_MS;
    const until = acknowledgedAt();
    if (until !== undefined) planner.acknowledge(until);
  }

  /** Wall time that never goes back: a clock set back an hour must not hold alerts up for an hour. */
  #now(): EpochMs {
    const { clock, stopwatch } = this.#parts;
    const mono = stopwatch.mono();
    this.#time = Math.max(clock.now(), this.#time + Math.max(0, mono - this.#mono));
    this.#mono = mono;
    return this.#time;
  }

  #record(type: string, ts: EpochMs, fields: Readonly<Record<string, unknown>>): void {
    this.#records.push({ type, time: new Date(ts).toISOString(), ...fields });
  }

  #flush(): void {
    const records = this.#records;
    if (records.length === 0) return;
    this.#records = [];
    try {
      this.#parts.keep(records);
    } catch (error) {
      this.trouble ??= error instanceof Error ? error.message : 'unknown';
    }
  }
}
