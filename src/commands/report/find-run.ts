import { join, resolve } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import { didYouMean } from '../../core/base/suggest.js';
import { bookFolder } from '../../core/state/books/book-path.js';
import { listRuns, writtenAt } from '../../core/state/runs/run-file.js';
import { type CommandContext, textFlag } from '../runtime/command.js';

/** `--book`, else the run that was named, else the newest run, else the paper book that there is. */
export function runPath(ctx: CommandContext): string {
  const [given] = ctx.args;
  const book = textFlag(ctx, 'book');
  if (book !== undefined && given !== undefined) {
    throw new FxError('USAGE.CONFLICT', {
      message: `both the run ${given} and --book ${book} were given`,
      next: 'name one of them',
    });
  }
  const bookRun = join(bookFolder(ctx.home, 'paper', book ?? 'default'), 'run.json');
  if (book !== undefined) {
    if (/[/\\]|^\.\.?$/.test(book) || writtenAt(bookRun) === undefined)
      throw noRun(`the paper book ${book} has no run yet`, bookRun, `fxtrade paper --book ${book}`);
    return bookRun;
  }
  const runs = listRuns(ctx.home);
  if (given !== undefined) return namedRun(ctx, given, runs);
  const [newest] = runs;
  if (newest !== undefined) return join(ctx.home, 'runs', newest, 'run.json');
  if (writtenAt(bookRun) !== undefined) return bookRun;
  throw noRun(`there is no run in ${join(ctx.home, 'runs')}`, join(ctx.home, 'runs'));
}

function namedRun(ctx: CommandContext, given: string, runs: readonly string[]): string {
  if (runs.includes(given)) return join(ctx.home, 'runs', given, 'run.json');
  const path = resolve(ctx.cwd, given);
  const found = [join(path, 'run.json'), path].find((each) => writtenAt(each) !== undefined);
  if (found !== undefined) return found;
  throw new FxError('USAGE.UNKNOWN_RUN', {
    message: `${JSON.stringify(given)} is no run in ${join(ctx.home, 'runs')} and no folder with a run.json`,
    next: `${didYouMean(given, runs)}Without a name the newest run is shown: fxtrade report`,
    facts: { given, newest: runs.slice(0, 5) },
  });
}

function noRun(message: string, path: string, how = 'fxtrade backtest'): FxError {
  return new FxError('USAGE.NO_RUN', { message, next: `make one first: ${how}`, facts: { path } });
}
