import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface BuiltProgram {
  /** Runs the built program as a process of its own, in the project's folder. */
  run(args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  /** Starts it and hands over the process, for who wants to stop it on the way. */
  start(args: readonly string[]): ChildProcess;
  /** The same in another home. */
  runIn(home: string, args: readonly string[]): ReturnType<BuiltProgram['run']>;
  /** The program's file, for runs through a shell. */
  readonly bin: string;
  /** Folder for `--home`, gone with the program. */
  readonly home: string;
  remove(): void;
}

/**
 * The sources as they are now, compiled beside the installed packages: for what only whole processes show, such as a user's
 * strategy on its thread. The `dist` folder of the project may be older than the sources, so it is left alone. Packed is as it
 * is sold: a process starts in half the time, which tests that start hundreds of them gain from.
 */
export async function builtProgram({ isPacked = false } = {}): Promise<BuiltProgram> {
  const cache = resolve('node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'fxtrade-'));
  const compiler = resolve('node_modules/typescript/bin/tsc');
  await node([compiler, '-p', 'tsconfig.build.json', '--declaration', 'false', '--outDir', join(folder, 'dist')]);
  mkdirSync(join(folder, 'bin'));
  copyFileSync('bin/fxtrade.js', join(folder, 'bin/fxtrade.js'));
  copyFileSync('package.json', join(folder, 'package.json'));
  if (isPacked) await pack(folder);
  const home = join(folder, 'home');
  return {
    home,
    bin: join(folder, 'bin/fxtrade.js'),
    runIn: (other, args) => node([join(folder, 'bin/fxtrade.js'), '--home', other, ...args]),
    run: (args) => node([join(folder, 'bin/fxtrade.js'), '--home', home, ...args]),
    start: (args) => spawn(process.execPath, [join(folder, 'bin/fxtrade.js'), '--home', home, ...args]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function pack(folder: string): Promise<void> {
  copyFileSync('rolldown.config.ts', join(folder, 'rolldown.config.ts'));
  const config = ['-c', join(folder, 'rolldown.config.ts'), '--log-level', 'silent'];
  const { code, stderr } = await node([resolve('node_modules/rolldown/bin/cli.mjs'), ...config], folder);
  if (code !== 0) throw new Error(`packing failed: ${stderr}`);
}

function node(args: readonly string[], cwd?: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const limit = { maxBuffer: 64 * 1024 * 1024, ...(cwd === undefined ? {} : { cwd }) };
    execFile(process.execPath, args, limit, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({ code, stdout, stderr });
    });
  });
}
