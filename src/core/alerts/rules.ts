import { isWeekend, newYorkDay } from '../model/calendar/calendar.js';
import type { EpochMs } from '../model/ids.js';
import { type Alert, alertOf } from './alert.js';
import { type DaySeen, EquityWatch, type LossLimits, nextNewYork } from './equity-watch.js';
import { type Fields, numberOf, partOf, textOf } from './fields.js';
import { type Draft, money, NEWS_OF, type Rule } from './news-of.js';
import type { AlertSettings } from './settings.js';

/** What one session is, and what it is held to. */
export interface RulesInput {
  /** `paper default`, `live 101-001`. */
  readonly source: string;
  readonly settings: Pick<AlertSettings, 'nearBps' | 'summaryMinute'>;
  readonly limits: LossLimits;
  readonly currency: string;
  readonly now: EpochMs;
}

/** A connection that is back within this time was never told to be away, ms; with it everything leaves within 5 s. */
const BLIP_MS = 3_000;
const NONE: readonly Draft[] = [];

/**
 * Which of the things that a session says become alerts. It is told each by its name in the journal or in the stream, and
 * the time now and then; what it makes depends on nothing else.
 */
export class SessionRules {
  readonly #input: RulesInput;
  readonly #watch: EquityWatch;
  readonly #rules: Readonly<Record<string, Rule>>;
  /** Signed units by instrument, as far as they were seen. */
  readonly #held = new Map<string, number>();
  /** Connections that went away and were not told yet. */
  readonly #away = new Map<string, { readonly since: EpochMs; readonly draft: Draft }>();
  readonly #toldAway = new Set<string>();
  /** Instruments whose prices are old while those of others come. */
  readonly #silent = new Set<string>();
  #summaryAt: EpochMs;
  #now: EpochMs;

  constructor(input: RulesInput) {
    this.#input = input;
    this.#now = input.now;
    this.#watch = new EquityWatch(input.limits, input.settings.nearBps);
    this.#summaryAt = summaryAfter(input.settings.summaryMinute, input.now);
    this.#rules = {
      ...NEWS_OF,
      fill: (fields) => this.#fill(fields),
      'late-fill': (fields) => this.#fill(partOf(fields, 'fill')),
      bar: (fields) => this.#equity(fields),
      stream: (fields) => this.#stream(fields),
      feed: (fields) => this.#feed(fields),
      broker: (fields) => this.#connection(fields, '', 'broker'),
    };
  }

  /** What is held as the session begins, and what the one before it saw of the day. */
  begin(positions: readonly { readonly instrument: string; readonly units: number }[], day: Fields): void {
    for (const { instrument, units } of positions) this.#held.set(instrument, units);
    const [equity, change, fills] = ['equity', 'change', 'fills'].map((name) => numberOf(day, name));
    const at = Date.parse(textOf(day, 'time'));
    if (equity === undefined || change === undefined || fills === undefined || Number.isNaN(at)) return;
    this.#watch.begin({ equity, change, fills }, at, this.#now);
  }

  /** The day so far; undefined before the first equity. */
  get day(): DaySeen | undefined {
    return this.#watch.day;
  }

  /** The daily summary, now. */
  summaryNow(now: EpochMs): readonly Alert[] {
    this.#now = Math.max(this.#now, now);
    return this.#summary().map((draft) => this.#alert(draft));
  }

  /** Something happened. Most things are no news. */
  happened(kind: string, fields: Fields, now: EpochMs): readonly Alert[] {
    this.#now = Math.max(this.#now, now);
    // A kind may be any text: what every object has is no rule.
    const rule = Object.hasOwn(this.#rules, kind) ? this.#rules[kind] : undefined;
    return rule === undefined ? [] : rule(fields).map((draft) => this.#alert(draft));
  }

  /** The time is `now`: what waited for it. */
  tick(now: EpochMs): readonly Alert[] {
    this.#now = Math.max(this.#now, now);
    const out: Draft[] = [];
    for (const [key, { since, draft }] of this.#away) {
      if (now - since < BLIP_MS) continue;
      this.#away.delete(key);
      this.#toldAway.add(key);
      out.push(draft);
    }
    if (now >= this.#summaryAt) {
      out.push(...this.#summary());
      this.#summaryAt = summaryAfter(this.#input.settings.summaryMinute, now);
    }
    return out.map((draft) => this.#alert(draft));
  }

  /** The day in one sentence; nothing before the first equity. */
  #summary(): readonly Draft[] {
    const { day } = this.#watch;
    if (day === undefined) return [];
    const { currency } = this.#input;
    const held = [...this.#held].filter(([, units]) => units !== 0).map(([id, units]) => `${id} ${units}`);
    const text = `equity ${money(day.equity, currency)}, ${day.change >= 0 ? '+' : ''}${money(day.change, currency)} on the day, ${day.fills} fill(s), open: ${held.join(', ') || 'nothing'}`;
    return [{ kind: 'daily-summary', subject: dateText(this.#now), text }];
  }

  #alert(draft: Draft): Alert {
    return alertOf({ ...draft, ts: this.#now, source: this.#input.source });
  }

  #fill(fields: Fields): readonly Draft[] {
    const instrument = textOf(fields, 'instrument');
    const units = numberOf(fields, 'units') ?? 0;
    const side = textOf(fields, 'side');
    const reason = textOf(fields, 'reason');
    const orderId = textOf(fields, 'orderId');
    const before = this.#held.get(instrument) ?? 0;
    const after = clean(before + (side === 'sell' ? -units : units));
    this.#held.set(instrument, after);
    this.#watch.filled();
    const said = `${side} ${units} ${instrument} at ${textOf(fields, 'price')}`;
    const about = `${instrument} ${orderId}`;
    const out: Draft[] = [{ kind: 'trade-executed', subject: about, text: `${said} (${reason})` }];
    if (/\bstop\b|stop-loss|trailing/i.test(reason)) {
      out.push({ kind: 'stop-hit', subject: about, text: `${said}, a protective stop` });
    }
    const turned = Math.sign(before) * Math.sign(after) < 0;
    if (before !== 0 && (after === 0 || turned)) {
      out.push({ kind: 'position-closed', subject: about, text: `${instrument} was ${before}, is closed: ${said}` });
    }
    if (after !== 0 && (before === 0 || turned)) {
      out.push({ kind: 'position-opened', subject: about, text: `${instrument} is ${after} now: ${said}` });
    }
    return out;
  }

  #equity(fields: Fields): readonly Draft[] {
    const equity = numberOf(fields, 'equity');
    if (equity === undefined) return NONE;
    return this.#watch.equity(equity, this.#now).map(({ key, value, limit }) => ({
      kind: 'limit-near',
      subject: key,
      text: `${key} is at ${value.toFixed(0)} bps, its limit is ${limit} bps`,
    }));
  }

  /** Where silence is said instrument by instrument, the first of them is news, and that all of them are back. */
  #feed(fields: Fields): readonly Draft[] {
    const instrument = textOf(fields, 'instrument');
    const name = textOf(fields, 'feed');
    // Bars that are asked for are no less true than those that come by themselves.
    if (textOf(fields, 'state') === 'polled') return NONE;
    if (instrument === '') return this.#connection(fields, name, 'feed');
    const isBack = textOf(fields, 'state') === 'fresh';
    if (isBack) this.#silent.delete(instrument);
    else this.#silent.add(instrument);
    if (this.#silent.size > (isBack ? 0 : 1)) return NONE;
    const why = `the last price of ${instrument} is old`;
    return this.#connection({ ...fields, why, state: isBack ? 'back' : 'stale' }, name, 'feed');
  }

  #stream(fields: Fields): readonly Draft[] {
    const stream = textOf(fields, 'stream');
    return this.#connection(fields, stream, stream === 'events' ? 'broker' : 'feed');
  }

  #connection(fields: Fields, name: string, what: 'feed' | 'broker'): readonly Draft[] {
    const key = `${what} ${name}`;
    const state = textOf(fields, 'state');
    if (state === 'up' || state === 'back') {
      this.#away.delete(key);
      if (!this.#toldAway.delete(key)) return NONE;
      const kind = what === 'feed' ? 'feed-back' : 'broker-back';
      return [{ kind, subject: name, text: `${name || 'the broker'} answers again` }];
    }
    if (this.#away.has(key) || this.#toldAway.has(key)) return NONE;
    const why = textOf(fields, 'why') || textOf(fields, 'message') || state;
    const draft = what === 'feed' ? feedDraft(name, why, fields) : brokerDraft(name, why);
    this.#away.set(key, { since: this.#now, draft });
    return NONE;
  }
}

function feedDraft(name: string, why: string, fields: Fields): Draft {
  const said = { kind: 'feed-stale', subject: name } as const;
  const to = textOf(fields, 'to');
  if (to !== '') return { ...said, text: `no prices from ${name}: ${why}; ${to} serves instead` };
  if (textOf(fields, 'state') === 'disagree') {
    return {
      ...said,
      text: `two vendors tell different prices: ${why}; nothing new is bought or sold until they agree`,
    };
  }
  const text = `no prices from ${name || 'the feed'}: ${why}; nothing new is bought or sold on old prices`;
  return { ...said, text };
}

function brokerDraft(name: string, why: string): Draft {
  const rest = 'nothing new leaves, stops at the broker go on';
  if (name === '') return { kind: 'broker-down', text: `the broker cannot be read: ${why}; ${rest}` };
  // A stream that is away is asked around; a broker that is away is not.
  const text = `the stream of ${name} is away: ${why}; the broker is asked again and again instead`;
  return { kind: 'broker-down', severity: 'warning', subject: name, text };
}

/** The next moment of the summary that is no weekend in New York. */
function summaryAfter(minute: number | null, now: EpochMs): EpochMs {
  if (minute === null) return Number.POSITIVE_INFINITY;
  let at = nextNewYork(minute, now);
  while (isWeekend(newYorkDay(at))) at = nextNewYork(minute, at);
  return at;
}

function dateText(now: EpochMs): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** Sums of units drift in the last digit. */
function clean(units: number): number {
  return Number(units.toFixed(9));
}
