import { PLAIN, SILENT_SPINNER, type Terminal } from '../../src/commands/ui/terminal.js';
import { visible } from '../../src/core/base/text.js';

export interface RecordingTerminal extends Terminal {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** Keeps what a command prints, as a pipe would get it: no colors, 100 columns, nobody to ask. */
export function recordingTerminal(options: { readonly columns?: number } = {}): RecordingTerminal {
  let stdout = '';
  let stderr = '';
  return {
    out: (line) => {
      stdout += `${visible(line)}\n`;
    },
    err: (line) => {
      stderr += `${visible(line)}\n`;
    },
    write: (text) => {
      stdout += text;
    },
    interactive: false,
    isTTY: false,
    columns: options.columns ?? 100,
    rows: 40,
    color: false,
    style: PLAIN,
    prepare: async () => undefined,
    spinner: async () => SILENT_SPINNER,
    stdout: () => stdout,
    stderr: () => stderr,
  };
}
