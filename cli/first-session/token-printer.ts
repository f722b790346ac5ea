/**
 * An answer while it is computed: on a terminal one line that is redrawn, elsewhere the text
 * itself, streamed once. Either way the line stays when the answer is complete.
 */
import type { NetworkEvent } from '../../index.js';
import type { Client } from '../client.js';
import { type Answer, createTokenProgress, describeProgress } from '../progress.js';
import { bootedNames } from '../repl/processes.js';
import { fitLines, type Terminal } from '../terminal.js';

export interface TokenPrinter {
  take(event: NetworkEvent): void;
}

const INDENT = '   ';
const CLEAR_LINE = '\r\x1b[K';

export function createTokenPrinter(client: Client, terminal: Terminal): TokenPrinter {
  const names = bootedNames(client);
  const progress = createTokenProgress(() => performance.now());
  const { dim } = terminal.colors;
  const nameOf = (answer: Answer) => names.get(answer.worker) ?? answer.worker;

  const redraw = (answer: Answer) => {
    const width = terminal.columns() - INDENT.length - 1;
    const line = describeProgress(answer, nameOf(answer), performance.now(), width);
    terminal.write(`${CLEAR_LINE}${INDENT}${dim(line)}`);
  };
  const stream = (answer: Answer, piece: string) => {
    const text = piece.replaceAll(/\s+/g, ' ');
    if (answer.tokens > 1) terminal.write(text);
    else terminal.write(`${INDENT}${nameOf(answer)}: ${text.trimStart()}`);
  };

  /** The whole answer in place of the line that was redrawn. */
  const complete = (answer: Answer) => {
    const text = answer.text.trim().replaceAll(/\s+/g, ' ');
    const line = `${INDENT}${nameOf(answer)}: ${text} (${answer.tokens} tokens)`;
    terminal.print(`${CLEAR_LINE}${fitLines(line, terminal)}`);
  };

  return {
    take: (event) => {
      const moved = progress.take(event);
      if (moved !== undefined && event.type === 'device' && event.event.type === 'token') {
        if (terminal.interactive) redraw(moved);
        else stream(moved, event.event.text);
      }
      const done = progress.finish(event);
      if (done === undefined) return;
      if (terminal.interactive) complete(done);
      else terminal.print(` (${done.tokens} tokens)`);
    },
  };
}
