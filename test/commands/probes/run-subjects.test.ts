import { describe, expect, it } from 'vitest';
import { runSubjects } from '../../../src/commands/probes/run-subjects.js';
import {
  type Bench,
  fail,
  lengthText,
  pass,
  type Subject,
  type Surroundings,
  warn,
} from '../../../src/commands/probes/subject.js';
import { FxError } from '../../../src/core/base/errors.js';
import { loadSecrets } from '../../../src/core/config/secrets.js';
import { replayClock } from '../../../src/core/ports/clock.js';
import { WireError } from '../../../src/wire/message.js';

const NEVER = new Promise<never>(() => undefined);

/** The deadline comes when a test says so. */
function world(env: Readonly<Record<string, string>> = {}) {
  const deadlines: (() => void)[] = [];
  const sent: string[] = [];
  const surroundings: Surroundings = {
    home: '/none',
    cwd: '/none',
    clock: replayClock(0),
    stopwatch: { mono: () => 0 },
    wait: () => new Promise((done) => deadlines.push(done)),
    secrets: loadSecrets({ home: '/none', cwd: '/none', env }),
    settings: undefined,
    homeState: { there: true, empty: false, mode: 0o700, refusal: undefined, freeBytes: 1 },
    stored: [],
    timeoutMs: 10_000,
    fresh: false,
    sendTo: new Set(),
    named: new Set(),
  };
  const http = {
    async send({ url, deadlineMs }: { readonly url: string; readonly deadlineMs: number }) {
      sent.push(`${url} ${deadlineMs}`);
      return { status: 200, headers: {}, body: '' };
    },
    async *lines() {},
  };
  const run = (subjects: readonly Subject[], signal = new AbortController().signal) =>
    runSubjects(subjects, { surroundings, http, signal, reach: async () => ({ ms: 1, offsetMs: 0 }) });
  return { run, sent, endAll: () => deadlines.forEach((one) => void one()) };
}

const subject = (
  name: string,
  ...runs: ((bench: Bench) => Promise<ReturnType<typeof pass> | undefined>)[]
): Subject => ({
  name,
  group: 'feeds',
  origins: [],
  checks: runs.map((run, i) => ({ name: String(i + 1), run })),
});

describe('subjects', () => {
  it('are all tested at once: forty that wait for one another all end', async () => {
    const { run } = world();
    let begun = 0;
    let letGo = (): void => undefined;
    const together = new Promise<void>((done) => {
      letGo = done;
    });
    const forty = Array.from({ length: 40 }, (_, i) =>
      subject(`s${i}`, async () => {
        if (++begun === 40) letGo();
        await together;
        return pass('there');
      }),
    );
    const results = await run(forty);
    expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual(forty.map(({ name }) => `${name}.1 pass`));
  });

  it('end at the deadline, keep what was found before it, and hold up nobody', async () => {
    const { run, endAll } = world();
    const running = run([
      subject(
        'slow',
        async () => pass('first'),
        () => NEVER,
        async () => pass('never asked'),
      ),
      subject('quick', async () => pass('done')),
    ]);
    await new Promise((done) => setImmediate(done));
    endAll();
    const lines = (await running).map(({ name, status, detail }) => `${name} ${status} ${detail}`);
    expect(lines).toEqual(['slow.1 pass first', 'slow.2 fail no answer within 10.0 s', 'quick.1 pass done']);
  });

  it('go on after a warning, stop after a failure, and leave out what says nothing', async () => {
    const { run } = world();
    const results = await run([
      subject(
        'one',
        async () => undefined,
        async () => warn('odd', 'look'),
        async () => fail('bad', 'do'),
        async () => pass('no'),
      ),
    ]);
    expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual(['one.2 warn', 'one.3 fail']);
  });

  it('make an error with a next step a line, and let a mistake of the program through', async () => {
    const { run } = world();
    const refused = async (): Promise<never> => {
      throw new FxError('FEED.BAD_KEY', { message: 'refused', next: 'renew it' });
    };
    expect((await run([subject('a', refused)]))[0]).toMatchObject({
      status: 'fail',
      detail: 'refused',
      next: 'renew it',
    });
    const broken = async (): Promise<never> => {
      throw new TypeError('broken');
    };
    await expect(run([subject('b', broken)])).rejects.toThrow('broken');
  });

  it('send nothing after their deadline, and wait for no answer longer than it', async () => {
    const { run, sent, endAll } = world();
    const request = { method: 'GET', headers: {}, deadlineMs: 30_000 } as const;
    let late: unknown;
    const running = run([
      subject('s', async ({ http, signal }) => {
        await http.send({ ...request, url: 'http://a' });
        await new Promise((done) => signal.addEventListener('abort', done));
        late = await http.send({ ...request, url: 'http://b' }).catch((error: unknown) => error);
        return pass('too late');
      }),
    ]);
    await new Promise((done) => setImmediate(done));
    endAll();
    expect((await running)[0]?.status).toBe('fail');
    await new Promise((done) => setImmediate(done));
    expect(sent).toEqual(['http://a 10000']);
    expect(late).toBeInstanceOf(WireError);
  });

  it('show no secret that somebody said back, and no text that acts', async () => {
    const { run } = world({ OANDA_TOKEN: 'tok-abcdef-123' });
    const [line] = await run([subject('s', async () => fail('said tok-abcdef-123\n\u001b[31m', 'see tok-abcdef-123'))]);
    expect(JSON.stringify(line)).not.toContain('tok-abcdef-123');
    for (const acts of ['\n', '\u001b']) expect(line?.detail).not.toContain(acts);
  });

  it.each([
    [1_400, '1.4 s'],
    [150_000, '3 min'],
    [10_800_000, '3 h'],
    [345_600_000, '4 days'],
  ])('tell %d ms in words', (ms, text) => {
    expect(lengthText(ms)).toBe(text);
  });
});
