import type { Clock, Stopwatch, Wait } from '../../src/core/ports/clock.js';

/** Time that passes only when somebody waits: the earliest sleeper wakes first, and nothing really sleeps. */
export function virtualTime(
  start = Date.UTC(2024, 0, 10),
): Clock & Stopwatch & { wait: Wait; readonly waits: number[] } {
  let now = start;
  const sleepers: { at: number; wake: () => void }[] = [];
  const waits: number[] = [];
  const wakeNext = (): void => {
    sleepers.sort((a, b) => a.at - b.at);
    const next = sleepers.shift();
    if (next === undefined) return;
    now = Math.max(now, next.at);
    next.wake();
  };
  return {
    waits,
    now: () => now,
    mono: () => now - start,
    observe: () => undefined,
    wait: (ms) =>
      new Promise((wake) => {
        waits.push(ms);
        sleepers.push({ at: now + ms, wake });
        // A few turns, so that whoever is ready to run does so before time goes on.
        let turns = 20;
        const turn = (): void => {
          if (turns-- > 0) queueMicrotask(turn);
          else wakeNext();
        };
        turn();
      }),
  };
}
