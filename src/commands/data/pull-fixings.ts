import { existsSync, readFileSync } from 'node:fs';
import { FxError } from '../../core/base/errors.js';
import { isHoliday } from '../../core/model/calendar/holidays.js';
import { closeOfDate } from '../../core/model/calendar/sessions.js';
import { replaceFile } from '../../core/state/atomic.js';
import { ensureDir } from '../../core/state/write.js';
import { type FixingTable, fixingsOf, fixingsText, mergeFixings } from '../../feeds/ecb/ecb.js';
import { openEcb } from '../../feeds/registry.js';
import { storedFixings, storedFolder, storedPath } from '../stored/names.js';
import type { PullResult, PullWork } from './pull.js';
import { requireFreeName, type StoredRevision } from './pull-store.js';

const DAY_MS = 86_400_000;
/** So often the whole history is read again, to see what was revised. */
const FULL_EVERY_MS = 7 * DAY_MS;

/** Reads the reference rates of the ECB: the day's file where that is all that is missing, else the history. */
export async function pullFixings(work: PullWork): Promise<PullResult> {
  const { home, request, now, before } = work;
  const path = storedFixings(home, request.name);
  requireFreeName(home, request.name, storedPath(home, request.name, 'prices'));
  const known = storedTable(path);
  const feed = await openEcb(work.surroundings);
  try {
    const isDue = before === undefined || now - Date.parse(before.fullAt) > FULL_EVERY_MS;
    const full = known === undefined || isDue || request.from !== undefined;
    const latest = full ? undefined : await feed.latest();
    const enough = latest !== undefined && known !== undefined && follows(latest, known);
    const fresh = enough
      ? latest
      : await feed.history((done, total) => work.progress(`ecb: ${Math.floor((100 * done) / total)} % of the history`));
    const merged = mergeFixings(known, between(fresh, request.from, request.to));
    const dates = [...merged.table.days.keys()];
    if (dates.length === 0) throw nothing(request);
    ensureDir(storedFolder(home));
    replaceFile(path, fixingsText(merged.table));
    const knownAt = new Date(now).toISOString();
    const revisions = newRevisions(before?.revisions ?? [], merged.revised, knownAt);
    return {
      name: request.name,
      kind: 'prices',
      path,
      holds: ['EUR', ...merged.table.currencies],
      rows: dates.length,
      added: merged.added,
      revised: revisions.length - (before?.revisions.length ?? 0),
      from: dates.at(-1) ?? null,
      to: dates[0] ?? null,
      clockOffsetMs: feed.clockOffsetMs ?? null,
      notes: enough ? ['only the newest day was missing'] : [],
      record: { fullAt: enough ? (before?.fullAt ?? knownAt) : knownAt, open: request.to === undefined, revisions },
    };
  } finally {
    feed.close();
  }
}

function storedTable(path: string): FixingTable | undefined {
  if (!existsSync(path)) return undefined;
  return fixingsOf(readFileSync(path, 'utf8'), (why) => {
    return new FxError('DATA.DAMAGED', {
      message: `${path}: ${why}`,
      next: 'remove the file and pull it again: fxtrade data pull ecb',
      facts: { file: path },
    });
  });
}

/** The fixing day before the newest one is stored, or the newest itself: nothing lies between. */
function follows(latest: FixingTable, known: FixingTable): boolean {
  const [date] = latest.days.keys();
  if (date === undefined) return false;
  let day = Date.parse(date) / DAY_MS - 1;
  while ([0, 6].includes(new Date(day * DAY_MS).getUTCDay()) || isHoliday('EUR', day)) day--;
  return known.days.has(date) || known.days.has(new Date(day * DAY_MS).toISOString().slice(0, 10));
}

function between(table: FixingTable, from: string | undefined, to: string | undefined): FixingTable {
  const days = [...table.days].filter(([date]) => (from ?? '') <= date && (to === undefined || date < to));
  return { currencies: table.currencies, days: new Map(days) };
}

/** The list with what was not told before. */
function newRevisions(
  told: readonly StoredRevision[],
  found: readonly { readonly currency: string; readonly date: string; readonly was: string; readonly now: string }[],
  knownAt: string,
): readonly StoredRevision[] {
  const last = new Map(told.map((one) => [`${one.series} ${one.period}`, one.now]));
  const fresh = found.filter(({ currency, date, now }) => last.get(`${currency} ${date}`) !== now);
  return [
    ...told,
    ...fresh.map(({ currency, date, was, now }) => ({
      series: currency,
      period: date,
      was,
      wasKnownAt: new Date(closeOfDate(Date.parse(date), 'fx')).toISOString(),
      now,
      knownAt,
    })),
  ];
}

function nothing({ from, to }: PullWork['request']): FxError {
  return new FxError('FEED.EMPTY', {
    message: `the ECB has no reference rates from ${from ?? 'the beginning'} to ${to ?? 'today'}; nothing was stored`,
    next: 'rates begin on 1999-01-04; check --from and --to',
  });
}
