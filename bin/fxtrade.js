#!/usr/bin/env node
import { main } from '../dist/cli.js';

const stop = new AbortController();
// Once: a second Ctrl-C ends the program at once, as the system would.
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(name, () => stop.abort(name));

process.exitCode = await main({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  onClosed: () => stop.abort('EPIPE'),
});
