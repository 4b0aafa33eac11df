import { oneLine } from '../../core/base/text.js';
import { eventLine } from './event-line.js';
import { money, time as timeText } from './format.js';
import type { Terminal } from './terminal.js';

const LINES = 12;
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

/** A screen that is drawn again when something happens: equity, the newest close, the newest events. */
export interface LiveScreen {
  happened(ts: number, kind: string, fields: Readonly<Record<string, unknown>>): void;
  told(kind: string, fields: Readonly<Record<string, unknown>>): void;
  end(): void;
}

/** The screen of a session; on a pipe it is plain lines, for a log. */
export function liveScreen(terminal: Terminal): LiveScreen {
  const events: string[] = [];
  let equity: number | undefined;
  let close = '';
  const draw = () => {
    if (!terminal.isTTY) return;
    const head = [
      `paper session   newest close ${close || '–'}${terminal.interactive ? '   q ends it' : ''}`,
      `equity ${money(equity ?? null, '')}`,
      '',
      'newest events',
    ];
    terminal.write(`${HOME_AND_CLEAR}${[...head, ...events].join('\n')}\n`);
  };
  const note = (line: string) => {
    events.push(oneLine(line));
    if (events.length > LINES) events.shift();
    if (!terminal.isTTY) terminal.out(line);
    draw();
  };
  return {
    happened(ts, kind, fields) {
      note(`${timeText(ts)} ${kind} ${eventLine(kind, fields)}`);
    },
    told(kind, fields) {
      if (typeof fields['equity'] === 'number') equity = fields['equity'];
      if (typeof fields['close'] === 'string') close = fields['close'];
      if (kind === 'bar') draw();
      else note(`${kind} ${eventLine(kind, fields)}`);
    },
    end() {
      if (terminal.isTTY) terminal.write('\n');
    },
  };
}
