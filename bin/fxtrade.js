#!/usr/bin/env node
import { crash, main } from '../dist/cli.js';

const stop = new AbortController();
const [, program, ...argv] = process.argv;
const start = { argv, program, env: process.env, signal: stop.signal };
let crashed;

// Once: a second Ctrl-C ends the program at once, as the system would.
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(name, () => stop.abort(name));
process.on('uncaughtException', (error) => {
  crashed = crash(error, start);
  process.exitCode = crashed;
  stop.abort('CRASH');
});

const code = await main({ ...start, onClosed: () => stop.abort('EPIPE') });
process.exitCode = crashed ?? code;
