import { oneLine } from '../../core/base/text.js';
import { drawTable } from '../ui/table.js';
import type { Terminal } from '../ui/terminal.js';
import type { ProbeResult } from './run-subjects.js';
import type { Status } from './subject.js';

/** What `test-feeds` answers. */
export interface TestFeedsAnswer {
  readonly probes: readonly ProbeResult[];
  readonly passed: number;
  readonly warned: number;
  readonly failed: number;
  /** Nothing was set up yet. */
  readonly fresh: boolean;
  readonly timeoutMs: number;
}

/** A table of what was found, then what to do, each step on a line that can be copied whole. */
export function showProbes(answer: TestFeedsAnswer, terminal: Terminal): void {
  const { probes, passed, warned, failed } = answer;
  const { red, green, yellow, bold } = terminal.style;
  const paint: Readonly<Record<Status, (text: string) => string>> = { pass: green, warn: yellow, fail: red };
  // Plain: the table cuts long cells between letters, and a color that is cut in two is no color.
  drawTable(
    terminal,
    [{ name: '', keep: true }, { name: 'probe', keep: true }, { name: 'found' }],
    probes.map(({ status, name, detail }) => [status, name, detail]),
  );
  for (const [status, title] of [
    ['fail', 'to do'],
    ['warn', 'worth a look'],
  ] as const) {
    const open = probes.filter((one) => one.status === status);
    if (open.length === 0) continue;
    terminal.out('');
    terminal.out(bold(title));
    for (const { name, next } of open) terminal.out(`  ${paint[status](name)}: ${oneLine(next ?? '')}`);
  }
  terminal.out('');
  terminal.out(`${passed} passed, ${warned} to look at, ${failed} failed`);
}
