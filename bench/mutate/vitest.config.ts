import { defineConfig } from 'vitest/config';

process.env['TZ'] = 'Pacific/Auckland';

/** The fast tests of what is mutated. The simulator and the processes are left out: thousands of mutants times minutes. */
export default defineConfig({
  test: {
    include: ['test/core/{risk,orders,state}/**/*.test.ts', 'test/commands/{halt,resume}.test.ts'],
    // Every call of a session failing once takes minutes; their journals are long, and what they find is found below.
    exclude: ['test/core/state/books/{faults,acted-on}.test.ts', 'test/core/state/runs/**'],
    unstubGlobals: true,
    testTimeout: 60_000,
  },
});
