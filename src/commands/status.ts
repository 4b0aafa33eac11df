import { FxError } from '../core/base/errors.js';
import type { LoadedSettings } from '../core/config/settings.js';
import type { RiskLimits } from '../core/risk/rule.js';
import { type BookFacts, bookFacts } from '../core/state/emergency/book-facts.js';
import { missingHalts } from '../core/state/emergency/missing-halts.js';
import { type HaltLine, readHalts } from '../core/state/halt-file.js';
import { type CommandContext, defineCommand, textFlag } from './runtime/command.js';
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
    const halts = [...there.map((line) => shown(line, false)), ...gone.map((line) => shown(line, true))];
    return {
      data: {
        halted: halts.length > 0,
        halts,
        books: books.map(({ status }) => status),
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
