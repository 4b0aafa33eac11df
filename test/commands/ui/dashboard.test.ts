import { expect, it } from 'vitest';
import { liveScreen } from '../../../src/commands/ui/dashboard.js';
import { recordingTerminal } from '../../helpers/recording-terminal.js';

const at = Date.UTC(2026, 0, 6, 11);

it('a screen shows equity, the newest close and what happened, and is drawn again with each of them', () => {
  const terminal = { ...recordingTerminal(), isTTY: true };
  const screen = liveScreen(terminal);
  screen.told('bar', { close: '2026-01-06T11:00:00.000Z', equity: 99_904.96 });
  screen.told('missed', { closes: 3, decidedAt: '2026-01-06T15:00:00.000Z' });
  screen.happened(at, 'latch', { key: 'weeklyLossBps', message: 'weeklyLossBps reached' });
  screen.end();
  const drawn = terminal.stdout().split('\u001b[H\u001b[J');
  expect(drawn).toHaveLength(4);
  expect(drawn[1]).toMatch(/newest close 2026-01-06T11:00:00\.000Z\nequity 99,904\.96/);
  expect(drawn[3]).toMatch(/missed .*3.*2026-01-06T15:00:00\.000Z\n.*latch weeklyLossBps reached/);
});

it('keeps the newest twelve events', () => {
  const terminal = { ...recordingTerminal(), isTTY: true };
  const screen = liveScreen(terminal);
  for (let n = 1; n <= 20; n++) screen.happened(at, 'alert', { message: `number ${n}` });
  const last = terminal.stdout().split('\u001b[H\u001b[J').at(-1);
  expect(last?.match(/number \d+/g)).toEqual(Array.from({ length: 12 }, (_, n) => `number ${n + 9}`));
});

it('on a pipe is plain lines without a word of the cursor', () => {
  const terminal = recordingTerminal();
  const screen = liveScreen(terminal);
  screen.told('bar', { close: '2026-01-06T11:00:00.000Z', equity: 1 });
  screen.happened(at, 'alert', { message: 'look here' });
  screen.end();
  expect(terminal.stdout()).toMatch(/^.* alert look here\n$/);
});
