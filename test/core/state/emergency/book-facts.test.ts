import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { waitingApprovals } from '../../../../src/core/state/emergency/book-facts.js';

const folder = mkdtempSync(join(tmpdir(), 'fxtrade-facts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a question waits until it is answered or its deadline has come; one that cannot be read stays in sight', () => {
  expect(waitingApprovals(folder, 0)).toEqual([]);
  mkdirSync(join(folder, 'approvals'));
  const files = {
    'o-1.json': '{"expiresAt":1000}',
    'o-2.json': '{"expiresAt":3000}',
    'o-3.json': '{"expiresAt":3000}',
    'o-3.decision.json': '{}',
    'o-4.json': '{"expi',
    'o-5.json': 'null',
    'prices.json': '{}',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'approvals', name), text);
  expect(waitingApprovals(folder, 999)).toEqual(['o-1', 'o-2', 'o-4', 'o-5']);
  expect(waitingApprovals(folder, 1000)).toEqual(['o-2', 'o-4', 'o-5']);
  expect(waitingApprovals(folder, 5000)).toEqual(['o-4', 'o-5']);
});
