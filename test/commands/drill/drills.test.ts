import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DRILLS } from '../../../src/commands/drill/drills.js';
import { DRILL_NAMES } from '../../../src/commands/manifest-flags.js';
import { type BuiltProgram, builtProgram } from '../../helpers/built-program.js';
import { runCli } from '../../helpers/run-cli.js';

/** The others wait for prices to grow old or a broker to come back: minutes, in `npm run soak`. */
const SOAK = process.env['npm_lifecycle_event'] === 'soak';
const NAMES = SOAK ? DRILL_NAMES : (['halt', 'close-all', 'crash'] as const);

let program: BuiltProgram;

beforeAll(async () => {
  program = await builtProgram();
}, 60_000);

afterAll(() => program.remove());

it('help names the drills that there are', () => {
  expect(DRILLS.map(({ name }) => name)).toEqual([...DRILL_NAMES]);
});

it.each(NAMES)(
  '%s is passed, step by step, and its evidence is filed',
  async (name) => {
    const { code, stdout } = await new Promise<{ code: number; stdout: string }>((done) => {
      execFile(process.execPath, [program.bin, '--home', program.home, 'drill', name, '--json'], (error, out) => {
        done({ code: error === null ? 0 : Number(error.code), stdout: out });
      });
    });

    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ kind, ok }) => kind === 'step' && ok !== true)).toEqual([]);
    expect(code).toBe(0);
    const folder = join(program.home, 'evidence', 'drills');
    const [file = ''] = readdirSync(folder).filter((one) => one.startsWith(`${name}-`));
    expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toMatchObject({ kind: 'drill', name, passed: true });
  },
  300_000,
);

it.each([
  ['drill nowhere', 'USAGE.BAD_VALUE'],
  ['drill halt nowhere', 'USAGE.BAD_VALUE'],
  ['drill halt --serve', 'USAGE.CONFLICT'],
  ['drill halt --port 8000', 'USAGE.CONFLICT'],
])('%s is refused', async (line, code) => {
  const result = await runCli(`${line} --json`);
  expect(result.code).toBe(2);
  expect(result.stdout).toContain(code);
});
