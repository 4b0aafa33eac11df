import { expect, it } from 'vitest';
import type { AnyCommand, CommandContext } from '../../../src/commands/runtime/command.js';
import type { Host } from '../../../src/commands/runtime/context.js';
import { failureOf, runCommand } from '../../../src/commands/runtime/run.js';
import type { ManifestEntry } from '../../../src/commands/runtime/spec.js';
import { BugError, type ErrorCode, FxError } from '../../../src/core/base/errors.js';
import { replayClock } from '../../../src/core/ports/clock.js';
import { recordingTerminal } from '../../helpers/recording-terminal.js';
import { TEST_NOW } from '../../helpers/run-cli.js';

const still = new AbortController().signal;

function stoppedBy(name: string): AbortSignal {
  const stop = new AbortController();
  stop.abort(name);
  return stop.signal;
}

async function run(
  command: Partial<AnyCommand>,
  flags: Record<string, boolean> = {},
  over: Partial<Host> & Partial<ManifestEntry> = {},
) {
  const whole: AnyCommand = {
    run: async () => ({ data: {} }),
    view: (data, terminal) => terminal.out(JSON.stringify(data)),
    ...command,
  };
  const { stream } = over;
  const entry: ManifestEntry = {
    name: 'test',
    group: 'prove',
    summary: 'a test',
    flags: [],
    examples: [],
    ...(stream === undefined ? {} : { stream }),
    load: async () => ({ command: whole }),
  };
  const host = {
    env: { FXTRADE_HOME: '/nowhere' },
    cwd: '/',
    clock: replayClock(TEST_NOW),
    signal: over.signal ?? still,
    version: '1',
    manifest: [],
  };
  const terminal = recordingTerminal();
  const code = await runCommand({ entry, args: [], flags }, host, terminal);
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

const throwing = (error: unknown): Partial<AnyCommand> => ({
  run: async () => {
    throw error;
  },
});

it.each([
  ['USAGE.X', 2],
  ['CONFIG.X', 2],
  ['DATA.X', 2],
  ['STRATEGY.X', 2],
  ['RISK.X', 5],
  ['GATE.X', 5],
  ['HALT.X', 5],
  ['APPROVAL.EXPIRED', 5],
  ['APPROVAL.DECLINED', 3],
  ['FEED.X', 6],
  ['BROKER.X', 6],
  ['STATE.X', 7],
  ['STATE.BUSY', 75],
  ['BUG.X', 1],
] as const)('%s ends with exit code %i', async (code, exit) => {
  const error = new FxError(code as ErrorCode, { message: 'what', next: 'how', facts: { limit: Number.NaN } });
  const answer = await run(throwing(error), { json: true });
  expect([answer.code, JSON.parse(answer.stdout)]).toEqual([
    exit,
    { ok: false, command: 'test', version: '1', error: { code, message: 'what', next: 'how', facts: { limit: null } } },
  ]);
});

it.each([
  [new Error('no such thing'), 'BUG.UNEXPECTED'],
  [new BugError('cash is finite'), 'BUG.INVARIANT'],
  ['a thrown text', 'BUG.UNEXPECTED'],
  [undefined, 'BUG.UNEXPECTED'],
])('%s is a bug: exit 1, said shortly, with the stack only when asked', async (error, code) => {
  const answer = await run(throwing(error));
  expect([answer.code, answer.stdout]).toEqual([1, '']);
  expect(answer.stderr).toMatch(new RegExp(`^error ${code}: .*\\n  next: .*\\n$`));
  const verbose = await run(throwing(error), { verbose: true });
  if (error instanceof Error) expect(verbose.stderr).toContain('run.test.ts');
});

it.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('%s is exit %i, whether the command returned or was stopped', async (name, exit) => {
  const signal = stoppedBy(name);
  const returned = await run({}, { json: true }, { signal });
  expect([returned.code, JSON.parse(returned.stdout)]).toMatchObject([exit, { ok: true }]);
  const stopped = await run({ run: async (ctx) => ctx.signal.throwIfAborted() as never }, { json: true }, { signal });
  expect([stopped.code, JSON.parse(stopped.stdout)]).toMatchObject([
    exit,
    { ok: false, error: { code: 'USAGE.INTERRUPTED' } },
  ]);
});

it('a reader that left is no error: the command keeps its own exit code', async () => {
  expect((await run({}, {}, { signal: stoppedBy('EPIPE') })).code).toBe(0);
});

it('the result decides the exit code, and its reasons stand beside the data', async () => {
  const data = {
    metrics: { sharpe: null, odd: Number.NaN, far: Number.POSITIVE_INFINITY },
    column: Float64Array.of(1, Number.NaN),
    reasons: { own: 'KEPT' },
  };
  const { code, stdout } = await run(
    { run: async () => ({ data, exit: 4, reasons: { 'metrics.sharpe': 'ZERO_VARIANCE' } }) },
    { json: true },
  );
  expect([code, JSON.parse(stdout)['data']]).toEqual([
    4,
    {
      metrics: { sharpe: null, odd: null, far: null },
      column: [1, null],
      reasons: {
        'metrics.sharpe': 'ZERO_VARIANCE',
        'metrics.odd': 'NOT_A_NUMBER',
        'metrics.far': 'NOT_FINITE',
        'column[1]': 'NOT_A_NUMBER',
        own: 'KEPT',
      },
    },
  ]);
});

const streaming: Partial<AnyCommand> = {
  run: async (ctx: CommandContext) => {
    ctx.emit('fill', { price: 1.1, slippage: Number.NaN });
    ctx.emit('bar', { time: '2024-01-01T00:00:00.000Z' });
    ctx.note('working');
    ctx.warn('simulated\nprices');
    return { data: { done: true } };
  },
  event: (kind, _fields, terminal) => terminal.out(`event ${kind}`),
};

it('a streaming command prints a line an event and the end last', async () => {
  const { stdout } = await run(streaming, { json: true }, { stream: 'always' });
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    {
      kind: 'fill',
      time: '2026-01-05T12:00:00.000Z',
      price: 1.1,
      slippage: null,
      reasons: { slippage: 'NOT_A_NUMBER' },
    },
    { kind: 'bar', time: '2024-01-01T00:00:00.000Z' },
    { kind: 'end', ok: true, command: 'test', version: '1', data: { done: true } },
  ]);
});

it('for people events are drawn; --quiet keeps the answer and the warnings', async () => {
  const talk = await run(streaming);
  expect([talk.stdout, talk.stderr]).toEqual([
    'event fill\nevent bar\n{"done":true}\n',
    'working\nwarning: simulated\\nprices\n',
  ]);
  const quiet = await run(streaming, { quiet: true });
  expect([quiet.stdout, quiet.stderr]).toEqual(['{"done":true}\n', 'warning: simulated\\nprices\n']);
});

it('JSON carries no character that a terminal acts on', async () => {
  const nasty = `a${String.fromCharCode(27)}[2J\u009b\u202e`;
  const { stdout } = await run({ run: async () => ({ data: { nasty } }) }, { json: true });
  expect(stdout).not.toMatch(/[\p{Bidi_Control}\u0080-\u009f]/u);
  expect(JSON.parse(stdout)['data']).toEqual({ nasty });
});

it('an error after a signal that is not the stop itself keeps its words', () => {
  const error = new FxError('STATE.DISK_FULL', { message: 'full', next: 'free' });
  expect(failureOf(error, stoppedBy('SIGTERM'))).toMatchObject({ code: 'STATE.DISK_FULL', exit: 143 });
});
