import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { carryStudy, MARKERS, studyFiles } from '../../bench/carry-study.js';
import { perform } from '../../src/commands/session/threads/perform.js';
import { expectedMaxSharpe } from '../../src/core/analytics/overfitting.js';

const SHARED = resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'data');
const missing = Object.values(studyFiles(SHARED)).filter((path) => !existsSync(path));
if (missing.length > 0)
  console.log(`the study in docs/strategies.md is not made anew: ${missing.join(', ')} is not there`);

describe.skipIf(missing.length > 0)('the study in docs/strategies.md', () => {
  it('is what the program gives today; npm run study writes it', async () => {
    const page = readFileSync('docs/strategies.md', 'utf8');
    const section = page.slice(page.indexOf(MARKERS[0]), page.indexOf(MARKERS[1]) + MARKERS[1].length);
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-study-'));
    expect(section).toBe(await carryStudy({ perform, expectedMaxSharpe, shared: SHARED, home }));
  });
});
