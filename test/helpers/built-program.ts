import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PROGRAM } from './own-temp-folder.js';

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
 * The sources as they are now, compiled beside the installed packages and packed as they are sold: for what only whole
 * processes show, such as a user's strategy on its thread. The `dist` folder of the project may be older than the sources, so
 * it is left alone. Whoever asks first in a run builds, the others wait for that one; each has a home of its own.
 */
export async function builtProgram(): Promise<BuiltProgram> {
  const folder = await builtOnce();
  const home = join(mkdtempSync(join(tmpdir(), 'fxtrade-built-')), 'home');
  const bin = join(folder, 'bin/fxtrade.js');
  return {
    home,
    bin,
    runIn: (other, args) => node([bin, '--home', other, ...args]),
    run: (args) => node([bin, '--home', home, ...args]),
    start: (args) => spawn(process.execPath, [bin, '--home', home, ...args]),
    remove: () => rmSync(dirname(home), { recursive: true, force: true }),
  };
}

/** The sources file by file, for tests that call one of them from a process of their own. Answers with the folder of them. */
export async function compiledSources(): Promise<string> {
  const folder = mkdtempSync(join(runFolder(), 'sources-'));
  await compile(folder);
  return folder;
}

/** Named by `own-temp-folder.ts`, which removes it after the run. */
async function builtOnce(): Promise<string> {
  const folder = runFolder();
  const [first, done] = [join(folder, 'being-built'), join(folder, 'built')];
  try {
    mkdirSync(first);
  } catch {
    while (!existsSync(done)) await new Promise((next) => setTimeout(next, 50));
    const flaw = readFileSync(done, 'utf8');
    if (flaw !== '') throw new Error(flaw);
    return folder;
  }
  const flaw = await build(folder);
  writeFileSync(done, flaw);
  if (flaw !== '') throw new Error(flaw);
  return folder;
}

/** What went wrong, or nothing. */
async function build(folder: string): Promise<string> {
  await compile(join(folder, 'dist'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync('bin/fxtrade.js', join(folder, 'bin/fxtrade.js'));
  for (const file of ['package.json', 'rolldown.config.ts']) copyFileSync(file, join(folder, file));
  const config = ['-c', join(folder, 'rolldown.config.ts'), '--log-level', 'silent'];
  const { code, stderr } = await node([resolve('node_modules/rolldown/bin/cli.mjs'), ...config], folder);
  return code === 0 ? '' : `packing the program failed: ${stderr}`;
}

function runFolder(): string {
  const folder = process.env[PROGRAM];
  if (folder === undefined) throw new Error(`${PROGRAM} is not set: these tests run with vitest.config.ts`);
  return folder;
}

/** Types are checked elsewhere: what compiles can be run. */
async function compile(folder: string): Promise<void> {
  const flags = ['-p', 'tsconfig.build.json', '--declaration', 'false', '--outDir', folder];
  await node([resolve('node_modules/typescript/bin/tsc'), ...flags]);
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
