import { type FileCalls, REAL_FILES } from '../../src/core/state/file-calls.js';

/** Real file calls whose `at`-th call (from 1) fails with `code`; `made()` says how many there were. */
export function failingFiles(at: number, code = 'ENOSPC'): FileCalls & { made(): number } {
  let calls = 0;
  const wrapped: Record<string, unknown> = { made: () => calls };
  for (const [name, call] of Object.entries(REAL_FILES)) {
    if (typeof call !== 'function') continue;
    wrapped[name] = (...args: unknown[]) => {
      calls += 1;
      // A file that is not closed would leak; closing succeeds first and then reports.
      if (calls === at && name === 'closeSync') (call as (...args: unknown[]) => unknown)(...args);
      if (calls === at) throw Object.assign(new Error(`${code}: made to fail`), { code });
      return (call as (...args: unknown[]) => unknown)(...args);
    };
  }
  return wrapped as unknown as FileCalls & { made(): number };
}
