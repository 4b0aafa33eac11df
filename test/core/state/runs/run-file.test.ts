import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { RunRecord } from '../../../../src/core/model/run-record.js';
import { listRuns, type RunFile, readRunFile } from '../../../../src/core/state/runs/run-file.js';
import { aRunRecord } from '../../../helpers/a-run-record.js';

const folder = mkdtempSync(join(tmpdir(), 'fxtrade-run-'));
const record = aRunRecord();

function written(content: unknown): string {
  const path = join(folder, 'run.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('a run on disk', () => {
  it('comes back as it was written, with what this program does not know', () => {
    expect(readRunFile(written({ ...record, sweep: [1] }))).toEqual({ ...record, sweep: [1] });
  });

  it('has the shape of the record', () => {
    expectTypeOf<RunRecord['metrics']>().toExtend<RunFile['metrics']>();
    expectTypeOf<RunFile['metrics']>().toExtend<RunRecord['metrics']>();
    expectTypeOf<RunFile['run']>().toExtend<RunRecord['run']>();
    expectTypeOf<RunFile['curve']>().toExtend<RunRecord['curve']>();
    expectTypeOf<RunFile['trades'][number]>().toExtend<RunRecord['trades'][number]>();
  });

  it.each`
    given                       | content                                                       | code
    ${'another version'}        | ${{ ...record, version: 2 }}                                  | ${'STATE.VERSION'}
    ${'a version in words'}     | ${{ ...record, version: '1' }}                                | ${'STATE.VERSION'}
    ${'no version'}             | ${{ ...record, version: undefined }}                          | ${'STATE.DAMAGED'}
    ${'half a file'}            | ${JSON.stringify(record).slice(0, 5_000)}                     | ${'STATE.DAMAGED'}
    ${'a list'}                 | ${[1]}                                                        | ${'STATE.DAMAGED'}
    ${'a number as text'}       | ${{ ...record, metrics: { ...record.metrics, sharpe: '1' } }} | ${'STATE.DAMAGED'}
    ${'columns of two lengths'} | ${{ ...record, daily: { date: ['2024-01-02'], return: [] } }} | ${'STATE.DAMAGED'}
    ${'a date that is none'}    | ${{ ...record, daily: { date: ['yesterday'], return: [0] } }} | ${'STATE.DAMAGED'}
    ${'markup as currency'}     | ${{ ...record, currency: '<b>' }}                             | ${'STATE.DAMAGED'}
  `('$given is $code', ({ content, code }) => {
    expect(() => readRunFile(written(content))).toThrow(expect.objectContaining({ code }));
  });

  it('that is not there is told with its path', () => {
    expect(() => readRunFile(join(folder, 'none.json'))).toThrow(/none\.json/);
  });

  it('is listed newest first, folders without a run left out', () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-home-'));
    expect(listRuns(home)).toEqual([]);
    for (const [id, second] of [
      ['old', 1],
      ['newest', 3],
      ['middle', 2],
    ] as const) {
      mkdirSync(join(home, 'runs', id), { recursive: true });
      const path = join(home, 'runs', id, 'run.json');
      writeFileSync(path, '{}');
      utimesSync(path, second, second);
    }
    mkdirSync(join(home, 'runs', 'empty'));
    expect(listRuns(home)).toEqual(['newest', 'middle', 'old']);
  });
});
