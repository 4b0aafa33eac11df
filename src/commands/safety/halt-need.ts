import { mayHaveBrokers } from '../../core/state/emergency/any-books.js';

/** Whether a halt has anything to do beyond its latch. Asked first, since finding out at length loads the venues. */
export function mayConcernBrokers(from: {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): boolean {
  const named = from.env['BROKER_TYPE'];
  return (named !== undefined && named !== '' && named !== 'sim') || mayHaveBrokers(from.home, from.cwd);
}
