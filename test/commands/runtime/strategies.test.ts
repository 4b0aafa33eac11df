import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeStrategy, loadStrategy, paramRows } from '../../../src/commands/runtime/strategies.js';
import type { FxError } from '../../../src/core/base/errors.js';
import { builtIns } from '../../../src/core/strategies/registry.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fxtrade-strategies-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

async function refusal(name: string): Promise<FxError> {
  try {
    await loadStrategy(name, folder);
  } catch (error) {
    return error as FxError;
  }
  throw new Error('nothing was refused');
}

const GOOD = `import { defineStrategy } from 'fxtrade';
import type { Bar } from 'fxtrade';
const spread: number = 2;
export default defineStrategy({
  name: 'mine',
  params: { bars: { default: 5, min: spread, max: 10, unit: 'bars', summary: 'how many' }, note: { default: '' } },
  create: () => ({ onBar(bar: Bar) { return undefined; } }),
});
`;

describe('loadStrategy', () => {
  it.each([...builtIns.keys()])('given the name %s, loads the built-in', async (name) => {
    const { definition, codeHash, file } = await loadStrategy(name, folder);
    expect(definition.name).toBe(name);
    expect(codeHash).toMatch(/^[0-9a-f]{64}$/);
    expect(file).toBeUndefined();
  });

  it('given a TypeScript file outside any package, loads it with the running program as fxtrade', async () => {
    const { definition, file } = await loadStrategy(write('good.ts', GOOD), folder);
    expect(definition.name).toBe('mine');
    expect(definition.params['bars']).toMatchObject({ default: 5, min: 2 });
    expect(file).toBe(join(folder, 'good.ts'));
  });

  it.each(['plain.js', 'module.mjs'])('given %s, loads it', async (name) => {
    const text = `export default { name: 'plain', params: {}, create: () => ({}) };`;
    expect((await loadStrategy(write(name, text), folder)).definition.name).toBe('plain');
  });

  it.each`
    file            | text                                                                                              | code                | says
    ${'syntax.ts'}  | ${'const a = 1;\nexport default defineStrategy({ ;\n'}                                            | ${'STRATEGY.LOAD'}  | ${/syntax\.ts:2: Unexpected token/}
    ${'throws.ts'}  | ${'type A = number;\n\nJSON.parse("{");\n'}                                                       | ${'STRATEGY.LOAD'}  | ${/throws\.ts:3: .*JSON/}
    ${'lost.mjs'}   | ${'import { a } from "./no-such-file.js";\nexport default a;\n'}                                  | ${'STRATEGY.LOAD'}  | ${/lost\.mjs:1: Cannot find module/}
    ${'bare.js'}    | ${'export const strategy = 1;\n'}                                                                 | ${'STRATEGY.SHAPE'} | ${/default export is missing/}
    ${'number.js'}  | ${'export default 5;\n'}                                                                          | ${'STRATEGY.SHAPE'} | ${/default export must be a strategy, is number/}
    ${'noname.js'}  | ${'export default { params: {}, create: () => ({}) };\n'}                                         | ${'STRATEGY.SHAPE'} | ${/name must be/}
    ${'nopar.js'}   | ${'export default { name: "a", create: () => ({}) };\n'}                                          | ${'STRATEGY.SHAPE'} | ${/params must be an object/}
    ${'nomake.js'}  | ${'export default { name: "a", params: {} };\n'}                                                  | ${'STRATEGY.SHAPE'} | ${/create must be a function, is missing/}
    ${'param.js'}   | ${'export default { name: "a", params: { n: 5 }, create() {} };\n'}                               | ${'STRATEGY.SHAPE'} | ${/params\.n must be an object with a default/}
    ${'default.js'} | ${'export default { name: "a", params: { n: {} }, create() {} };\n'}                              | ${'STRATEGY.SHAPE'} | ${/params\.n must have a number, text or a boolean/}
    ${'range.js'}   | ${'export default { name: "a", params: { n: { default: 1, min: 2 } }, create() {} };\n'}          | ${'STRATEGY.SHAPE'} | ${/params\.n has the default 1 outside its range/}
    ${'values.js'}  | ${'export default { name: "a", params: { n: { default: "x", values: ["y"] } }, create() {} };\n'} | ${'STRATEGY.SHAPE'} | ${/params\.n must have its default among/}
    ${'preset.js'}  | ${'export default { name: "a", params: {}, preset: "none", create() {} };\n'}                     | ${'STRATEGY.SHAPE'} | ${/preset must be/}
  `('given $file, refuses it with $code and $says', async ({ file, text, code, says }) => {
    const error = await refusal(write(file, text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
    expect(error.message).toContain(join(folder, file));
  });

  it('given a file that is not there, says where it looked', async () => {
    const error = await refusal('gone.ts');
    expect(error.code).toBe('STRATEGY.MISSING');
    expect(error.message).toContain(join(folder, 'gone.ts'));
  });

  it('given a name that is none, offers the near one and the list', async () => {
    const error = await refusal('sma-crss');
    expect(error.code).toBe('STRATEGY.UNKNOWN');
    expect(error.next).toBe(
      'Did you mean "sma-cross"? Built in: carry, mean-reversion, sentiment, sma-cross, trend; or give a .ts, .mjs or .js file.',
    );
  });

  it('given the same code in another folder the hash is the same; given a changed import it is not', async () => {
    const main = `import { n } from './part.js';\nexport default { name: 'n' + n, params: {}, create: () => ({}) };\n`;
    const other = mkdtempSync(join(tmpdir(), 'fxtrade-strategies-'));
    const third = mkdtempSync(join(tmpdir(), 'fxtrade-strategies-'));
    const hashes = [];
    for (const [place, n] of [
      [folder, 1],
      [other, 1],
      [third, 2],
    ] as const) {
      writeFileSync(join(place, 'main.ts'), main);
      writeFileSync(join(place, 'part.ts'), `export const n: number = ${n};\n`);
      hashes.push((await loadStrategy('main.ts', place)).codeHash);
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
    for (const place of [other, third]) rmSync(place, { recursive: true });
  });
});

describe('describeStrategy', () => {
  it('shows each parameter with default, range, unit and summary', async () => {
    const text = await describeStrategy(write('shown.ts', GOOD), folder);
    expect(text).toBe(
      'strategy mine\nparameters (--param name=value)\n  bars  [5]   2 … 10 bars  how many\n  note  [""]  text',
    );
    expect(await describeStrategy('sma-cross')).toContain('fast      [16]     2 … 500 bars');
  });

  it('given no parameters, says so', async () => {
    const name = write('none.js', `export default { name: 'none', params: {}, create: () => ({}) };`);
    expect(await describeStrategy(name, folder)).toBe('strategy none\n  it takes no parameters');
  });

  it('gives the same as rows', async () => {
    const { definition } = await loadStrategy('sma-cross', folder);
    expect(paramRows(definition)[0]).toEqual({
      name: 'fast',
      default: '16',
      range: '2 … 500 bars',
      unit: 'bars',
      summary: 'window of the fast average',
    });
  });
});
