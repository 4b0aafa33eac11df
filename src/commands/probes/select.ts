import { FxError } from '../../core/base/errors.js';
import { didYouMean } from '../../core/base/suggest.js';
import { channelNames } from './channels.js';
import type { Subject } from './subject.js';

/** The subjects that a person named, by their own names or those of their groups; all of them where nothing is named. */
export function selected(subjects: readonly Subject[], only: readonly string[]): readonly Subject[] {
  if (only.length === 0) return subjects;
  const names = new Set(subjects.flatMap(({ name, group }) => [name, group]));
  for (const name of only) {
    if (names.has(name)) continue;
    throw new FxError('USAGE.UNKNOWN_PROBE', {
      message: `there is nothing to test that is called ${JSON.stringify(name)}`,
      next: `${didYouMean(name, names)}choose from: ${[...names].join(', ')}`,
      facts: { flag: '--only', name },
    });
  }
  const wanted = new Set(only);
  return subjects.filter(({ name, group }) => wanted.has(name) || wanted.has(group));
}

/** Channels that get a test message: those that were named one by one, and only with `--send`. */
export function receivers(only: readonly string[], send: boolean): ReadonlySet<string> {
  if (!send) return new Set();
  const channels = channelNames();
  const named = only.filter((name) => channels.includes(name));
  if (named.length > 0) return new Set(named);
  throw new FxError('USAGE.MISSING_VALUE', {
    message: '--send sends a test message to the channels that --only names, and it names none',
    next: `name them: --only slack --send; channels: ${channels.join(', ')}`,
    facts: { flag: '--send' },
  });
}
