import { defineConfig } from 'vitest/config';

// A hidden local-time assumption fails at once when the tests run far from UTC.
process.env['TZ'] = 'Pacific/Auckland';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    unstubGlobals: true,
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      thresholds: { 'src/core/{risk,sizing,model}/**': { branches: 100 } },
    },
  },
});
