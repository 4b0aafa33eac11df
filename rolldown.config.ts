import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** Loaded by nearly every run, and made of many small modules. */
const PACKED = ['commander', 'zod'];
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };

/**
 * Packs the compiled program into a few files, because a module costs Node a third of a millisecond to load and a backtest
 * needs more than two hundred. Packages that only some commands ask for stay outside. The modules that were packed stay
 * where they are, for `import 'fxtrade'` and for the benchmarks.
 */
export default defineConfig({
  input: { cli: 'dist/cli.js', 'chunks/worker': 'dist/commands/session/threads/worker.js' },
  platform: 'node',
  external: Object.keys(dependencies).filter((name) => !PACKED.includes(name)),
  output: { dir: 'dist', format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' },
});
