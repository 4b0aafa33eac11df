import { FxError } from '../core/base/errors.js';
import type { LoadedSettings } from '../core/config/settings.js';
import type { RiskLimits } from '../core/risk/rule.js';
import { readAck, writeAck } from '../core/state/alerts/ack-file.js';
import { AlertLog } from '../core/state/alerts/alert-log.js';
import { alertPast } from '../core/state/alerts/past.js';
import { type BookFacts, bookFacts } from '../core/state/emergency/book-facts.js';
import { missingHalts } from '../core/state/emergency/missing-halts.js';
import { type HaltLine, readHalts } from '../core/state/halt-file.js';
import { whoAmI } from './halt.js';
import { type CommandContext, defineCommand, switchFlag, textFlag } from './runtime/command.js';
import { statusOf } from './safety/status-book.js';
import type { ShownHalt, StatusAnswer } from './safety/status-view.js';

/** Everything on one screen, from files alone: no network, no lock, whatever else is broken. */
export const command = defineCommand<StatusAnswer>({
  async run(ctx) {
    const wanted = textFlag(ctx, 'book');
    const found = bookFacts(ctx.home, wanted);
    if (wanted !== undefined && found.length === 0) throw noBook(ctx, wanted);
    const notes: string[] = [];
    const settings = await settingsOf(ctx, notes);
    const now = ctx.clock.now();
    const books = found.map((facts) => statusOf(facts, limitsOf(facts, settings), now));
    const there = readHalts(ctx.home);
    const known = new Map(books.flatMap(({ halts }) => halts).map((line) => [line.id, line]));
    const gone = missingHalts(ctx.home, [...known.values()]);
    const alerts = acknowledge(ctx, now);
    const halts = [...there.map((line) => shown(line, false)), ...gone.map((line) => shown(line, true))];
    return {
      data: {
        halted: halts.length > 0,
        halts,
        books: books.map(({ status }) => status),
        alerts,
        acknowledged: switchFlag(ctx, 'ack'),
        home: ctx.home,
        notes,
      },
    };
  },
  async view(data, terminal) {
    const { showStatus } = await import('./safety/status-view.js');
    showStatus(data, terminal);
  },
});

/** Critical alerts of the last day that nobody had acknowledged; with `--ack` they are from now on. */
function acknowledge(ctx: CommandContext, now: number): StatusAnswer['alerts'] {
  const { home, env } = ctx;
  const before = Date.parse(readAck(home)?.time ?? '1970-01-01T00:00:00Z');
  const { unacknowledged } = alertPast(new AlertLog(home).read(), before, now);
  if (switchFlag(ctx, 'ack')) {
    const time = new Date(now).toISOString();
    const who = whoAmI(env);
    writeAck(home, { time, who });
    new AlertLog(home).append([{ type: 'acknowledged', time, who, alerts: unacknowledged.map(({ id }) => id) }]);
  }
  return unacknowledged.map(({ ts, ...alert }) => ({ time: new Date(ts).toISOString(), ...alert }));
}

const shown = (line: HaltLine, missing: boolean): ShownHalt => ({ ...line, missing });

function noBook(ctx: CommandContext, wanted: string): FxError {
  const books = bookFacts(ctx.home).map(({ name }) => name);
  return new FxError('USAGE.NO_BOOK', {
    message: `there is no book ${JSON.stringify(wanted)}`,
    next: books.length === 0 ? 'begin one first: fxtrade paper' : `choose one of: ${books.join(', ')}`,
    facts: { home: ctx.home, books },
  });
}

/** Settings that cannot be read cost the limits, not the screen. */
async function settingsOf(ctx: CommandContext, notes: string[]): Promise<LoadedSettings | undefined> {
  try {
    return await ctx.settings();
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    notes.push(`limits are not shown: ${error.message}`);
    return undefined;
  }
}

/** The limits that a session of this book would have: a carry book has a preset of its own. */
function limitsOf(
  { strategy, arguments: { name } }: BookFacts,
  settings: LoadedSettings | undefined,
): RiskLimits | undefined {
  const own = (name ?? strategy) === 'carry' ? settings?.withPreset('carry') : settings;
  return own?.settings.risk;
}
