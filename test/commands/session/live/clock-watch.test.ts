import { describe, expect, it } from 'vitest';
import { ClockWatch } from '../../../../src/commands/session/live/market/clock-watch.js';

/** A wall and a stopwatch that a test moves. */
function aMachine() {
  let [wall, mono] = [Date.UTC(2024, 0, 10), 0];
  const watch = new ClockWatch({ now: () => wall, observe: () => undefined }, { mono: () => mono });
  return {
    watch,
    pass(ms: number, onTheWall = ms): void {
      mono += ms;
      wall += onTheWall;
    },
  };
}

describe('a clock', () => {
  it.each([
    ['goes on', 1_000, 1_000, undefined],
    ['is drawn in by a time server', 1_000, 1_900, undefined],
    ['steps by two seconds', 1_000, 3_000, undefined],
    ['jumps forward', 1_000, 3_601_000, 3_600_000],
    ['jumps back', 1_000, -3_599_000, -3_600_000],
    ['slept with its machine', 1_000, 28_801_000, 28_800_000],
  ])('that %s', (_, mono, wall, jump) => {
    const { watch, pass } = aMachine();
    pass(mono, wall);
    expect(watch.look()).toBe(jump);
    pass(1_000);
    expect(watch.look()).toBeUndefined();
  });
});
