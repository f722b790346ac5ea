/**
 * Where the first session plays: a console into which the session types, and what the network does
 * meanwhile, printed in the order in which it happens. A line is over when all that it set off is.
 */
import type { NetworkEvent } from '../../index.js';
import type { CommandContext } from '../command.js';
import { CliError } from '../errors.js';
import type { Feed } from '../feed.js';
import { type Console, refreshPrompt } from '../repl/console.js';
import { createTypist } from '../repl/typist.js';
import { type Colors, fitLines } from '../terminal.js';
import { createTokenPrinter } from './token-printer.js';

export interface Stage {
  readonly console: Console;
  /** Begins the next step. */
  heading(title: string): void;
  /** Says something to the reader. */
  say(text: string): void;
  /** Types a line at the prompt, shows what comes of it, and waits until all of that is over. */
  type(line: string): Promise<void>;
  /** Everything that happened since the last `type` began. */
  readonly events: readonly NetworkEvent[];
  close(): void;
}

/** `2. Money`: the session's steps are numbered, the banner being the first. */
export function headingLine(step: number, title: string, { bold, green }: Colors): string {
  return `\n${bold(green(`${step}.`))} ${bold(title)}`;
}

export function createStage(console: Console, feed: Feed, context: CommandContext): Stage {
  const { terminal, interrupt } = context;
  const { dim } = terminal.colors;
  const tokens = createTokenPrinter(console.client, terminal);
  const { herder } = console.client.info.processes;
  let step = 1;

  const take = (event: NetworkEvent) => {
    tokens.take(event);
    if (event.type === 'evaluated' && event.process === herder && event.output) {
      terminal.print(fitLines(indent(event.output), terminal));
    }
  };
  const print = (text: string) => terminal.print(fitLines(text, terminal));
  const typist = createTypist(console, feed, { take, print, note: terminal.note });

  return {
    console,
    heading: (title) => {
      step += 1;
      terminal.print(headingLine(step, title, terminal.colors));
    },
    say: (text) => terminal.print(dim(indent(text))),
    type: async (line) => {
      terminal.print(`${console.prompt}${line}`);
      const { well, over } = await typist.enter(line, interrupt.signal);
      if (!well) throw broken(line);
      await over;
      await refreshPrompt(console);
    },
    get events() {
      return typist.events;
    },
    close: typist.close,
  };
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '   ');
}

function broken(line: string): CliError {
  const hint = 'This is a defect of Corral: please report it with the lines above.';
  return new CliError('SESSION_BROKEN', `the session stopped at \`${line}\``, hint, { line });
}
