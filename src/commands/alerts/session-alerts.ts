import type { AlertDesk } from '../../alerts/desk.js';
import { type Alert, alertOf, type News } from '../../core/alerts/alert.js';
import { previousNewYork } from '../../core/alerts/equity-watch.js';
import type { Fields } from '../../core/alerts/fields.js';
import { SessionRules } from '../../core/alerts/rules.js';
import type { AlertSettings } from '../../core/alerts/settings.js';
import { FxError } from '../../core/base/errors.js';
import { keysOf, loadSecrets } from '../../core/config/secrets.js';
import type { EpochMs } from '../../core/model/ids.js';
import { readAck } from '../../core/state/alerts/ack-file.js';
import type { AlertRecord } from '../../core/state/alerts/alert-log.js';
import { alertPast, diedSilently, lastOf } from '../../core/state/alerts/past.js';
import { bookFolder } from '../../core/state/books/book-path.js';
import { readHoldings } from '../../core/state/emergency/holdings.js';
import type { CommandContext } from '../runtime/command.js';
import { anchored } from './anchored.js';
import { HomeWatch } from './home-watch.js';
import { type OpenDesk, openDesk } from './open-desk.js';

/** The session that is listened to. */
export interface WatchedSession {
  readonly mode: 'paper' | 'live';
  readonly book: string;
  readonly strategy: string;
  /** One decision cycle from cron: nobody wants to hear of its begin and end. */
  readonly once: boolean;
  /** A screen is drawn: lines would break it. */
  readonly isWatched: boolean;
}

/** Ears on a session. */
export interface SessionAlerts {
  /** Something was recorded or told, flat. Returns at once. */
  happened(kind: string, fields: Fields): void;
  /** Does the session's work, tells how it ended, and waits a moment for what is still to leave. */
  around<T>(work: () => Promise<T>): Promise<T>;
}

const GRACE_MS = 5_000;
/** Somebody was there, or somebody else is at work: no news to people far away. */
const EXPECTED = /^(USAGE\.|STATE\.(BUSY|LOCKED))/;
/** Refused before anything was traded: a person must look, nobody must run. */
const REFUSED = /^(CONFIG|HALT|GATE|APPROVAL|RISK)\./;

/** Opens the desk of a session, tells what earlier ones left untold, and listens. */
export async function sessionAlerts(ctx: CommandContext, session: WatchedSession): Promise<SessionAlerts> {
  const loaded = await ctx.settings();
  const { settings } = session.strategy === 'carry' ? loaded.withPreset('carry') : loaded;
  const source = `${session.mode} ${session.book}`;
  const now = ctx.clock.now();
  const folder = bookFolder(ctx.home, session.mode, session.book);
  const rules = new SessionRules({
    source,
    settings: settings.alerts,
    limits: settings.risk,
    currency: settings.account.currency,
    now,
  });
  let watch: HomeWatch | undefined;
  const opened = await openDesk(ctx, {
    settings: settings.alerts,
    withConsole: !session.isWatched,
    tick: (at) => [...anchored(rules.tick(at), folder), ...homeNews(watch, rules, at)],
  });
  const { desk, log } = opened;
  const records = log.read();
  watch = homeWatch(ctx, settings.alerts, source, desk, records);
  seed(rules, ctx.home, session, records);
  const tell = (news: Omit<News, 'source' | 'ts'>): void =>
    desk.tell(alertOf({ ...news, source, ts: ctx.clock.now() }));
  leftBehind(ctx, opened, records);
  if (diedSilently(records, source)) {
    tell({
      kind: 'crashed',
      text: 'the session before this one ended without a word: the program was killed or the machine stopped',
    });
  }
  return {
    happened(kind, fields) {
      for (const alert of rules.happened(kind, fields, ctx.clock.now())) desk.tell(alert);
    },
    async around(work) {
      desk.note('began', { source });
      desk.start();
      if (!session.once) tell({ kind: 'started', text: `${session.strategy} trades in ${source}` });
      try {
        const result = await work();
        if (!session.once) tell({ kind: 'stopped', text: 'ended in good order' });
        summariseOnce(rules, desk, {
          source,
          session,
          settings: settings.alerts,
          records,
          now: ctx.clock.now(),
          folder,
        });
        await close(opened, source, rules, false);
        return result;
      } catch (error) {
        const crashed = ctx.signal.aborted ? undefined : endOf(error);
        if (crashed !== undefined) tell(crashed);
        await close(opened, source, rules, crashed !== undefined);
        throw error;
      }
    },
  };
}

function homeWatch(
  ctx: CommandContext,
  settings: AlertSettings,
  source: string,
  desk: AlertDesk,
  records: readonly AlertRecord[],
): HomeWatch {
  return new HomeWatch({
    home: ctx.home,
    keys: keysOf(loadSecrets(ctx)),
    settings,
    wasLow: lastOf(records, 'room', source)?.['low'] === true,
    onRoom: (low) => desk.note('room', { source, low }),
  });
}

function homeNews(watch: HomeWatch | undefined, rules: SessionRules, now: EpochMs): readonly Alert[] {
  return (watch?.look(now) ?? []).flatMap(({ kind, fields }) => rules.happened(kind, fields, now));
}

async function close(
  { desk, channels }: OpenDesk,
  source: string,
  rules: SessionRules,
  crashed: boolean,
): Promise<void> {
  const { day } = rules;
  if (day !== undefined) desk.note('day', { source, ...day });
  desk.note('ended', { source, crashed });
  await desk.end(GRACE_MS, crashed);
  channels.close();
}

/** The session did its work, and a person has to say what the broker does not. */
const OPEN = /^(STATE\.(UNRESOLVED|MISMATCH)|BROKER\.OUTCOME_UNKNOWN)$/;

/** What a session's error is to people; undefined: nothing. */
function endOf(error: unknown): Omit<News, 'source' | 'ts'> | undefined {
  const said = error instanceof Error ? error.message : String(error);
  if (!(error instanceof FxError)) return { kind: 'crashed', text: said };
  if (EXPECTED.test(error.code)) return undefined;
  const text = `${error.code}: ${said}`;
  const severity = REFUSED.test(error.code) ? 'warning' : OPEN.test(error.code) ? 'critical' : undefined;
  if (severity !== undefined) return { kind: 'stopped', severity, subject: error.code, text, next: error.next };
  return { kind: 'crashed', subject: error.code, text, next: error.next };
}

/** What the rules must know of before: what is held, and where the day began. */
function seed(
  rules: SessionRules,
  home: string,
  { mode, book }: WatchedSession,
  records: readonly AlertRecord[],
): void {
  const { positions } = readHoldings(bookFolder(home, mode, book));
  rules.begin(positions, lastOf(records, 'day', `${mode} ${book}`) ?? {});
}

/** What earlier sessions told is no news again so soon; what reached nobody is told now. */
function leftBehind(ctx: CommandContext, { desk, planner }: OpenDesk, records: readonly AlertRecord[]): void {
  const acknowledged = Date.parse(readAck(ctx.home)?.time ?? '1970-01-01T00:00:00Z');
  const { told, undelivered } = alertPast(records, acknowledged, ctx.clock.now());
  for (const alert of told) planner.remember(alert, alert.ts);
  for (const alert of undelivered) desk.tell(alert);
}

/** A cycle from cron tells the day when it is the first one after the time of the summary, however late that is. */
function summariseOnce(
  rules: SessionRules,
  desk: AlertDesk,
  about: {
    readonly source: string;
    readonly session: WatchedSession;
    readonly settings: AlertSettings;
    readonly records: readonly AlertRecord[];
    readonly now: EpochMs;
    readonly folder: string;
  },
): void {
  const { source, session, settings, records, now } = about;
  if (!session.once || settings.summaryMinute === null) return;
  const due = previousNewYork(settings.summaryMinute, now);
  const isTold = records.some(
    (record) => record['kind'] === 'daily-summary' && record['source'] === source && Date.parse(record.time) >= due,
  );
  if (isTold) return;
  for (const alert of anchored(rules.summaryNow(now), about.folder)) desk.tell(alert);
}
