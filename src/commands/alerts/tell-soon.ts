import type { News } from '../../core/alerts/alert.js';
import { wait } from '../../core/ports/wait.js';
import type { CommandContext } from '../runtime/command.js';

/** News that leaves while an emergency is still being dealt with. */
export interface Soon {
  /** It is over: resolves to true when the news has left or was tried; what has not left by then stays. */
  over(): Promise<boolean>;
}

/**
 * What is over within this is told once, with its end. The channels load and connect after it, so that nothing of theirs comes
 * before the emergency's own work, and a critical message still leaves within 5 s of the event.
 */
const SOON_MS = 1_000;

/** Tells people far away what was begun, unless it is over before. Throws nothing and holds nothing up. */
export function tellSoon(ctx: CommandContext, news: Omit<News, 'ts'>): Soon {
  const off = new AbortController();
  const telling = wait(SOON_MS, off.signal).then(async () => {
    if (off.signal.aborted) return false;
    const { tellOnce } = await import('./tell-once.js');
    await tellOnce(ctx, news);
    return true;
  });
  return {
    over() {
      off.abort();
      return telling;
    },
  };
}
