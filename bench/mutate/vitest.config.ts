import { defineConfig } from 'vitest/config';

process.env['TZ'] = 'Pacific/Auckland';

/** The fast tests of what is mutated. The simulator and the processes are left out: thousands of mutants times minutes. */
export default defineConfig({
  test: {
    include: ['test/core/{risk,orders,state,dispatch}/**/*.test.ts', 'test/commands/{halt,resume}.test.ts'],
    unstubGlobals: true,
    testTimeout: 60_000,
  },
});
