/**
 * Where the first session plays: a console into which the session types, and what the network does
 * meanwhile, printed in the order in which it happens. A line is over when all that it set off is.
 */
import type { NetworkEvent } from '../../index.js';
import type { CommandContext } from '../command.js';
import { followConsequences } from '../consequences.js';
import { CliError } from '../errors.js';
import type { Feed } from '../feed.js';
import { unlessAborted } from '../interrupt.js';
import { type Console, refreshPrompt } from '../repl/console.js';
import { enterLine } from '../repl/enter-line.js';
import { describeLive } from '../repl/live.js';
import type { Colors } from '../terminal.js';
import { createTokenPrinter } from './token-printer.js';

/** Silence after which the session gives up; a model on a slow machine may think for a while. */
const SILENCE_MS = 120_000;

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
  let events: NetworkEvent[] = [];
  let typing = false;
  let step = 1;

  const show = (event: NetworkEvent) => {
    tokens.take(event);
    const live = describeLive(event, console.process.id, terminal.colors);
    if (live !== undefined) terminal.print(live);
    if (event.type === 'evaluated' && event.process === herder && event.output) {
      terminal.print(indent(event.output));
    }
  };
  const stopListening = feed.listen((event) => {
    events.push(event);
    if (!typing) show(event);
  });

  const type = async (line: string) => {
    const consequences = followConsequences(feed);
    const messages: string[] = [];
    const stopCounting = console.client.onSent((message) => messages.push(message));
    events = [];
    typing = true;
    try {
      terminal.print(`${console.prompt}${line}`);
      const well = await unlessAborted(enterLine(console, line), interrupt.signal);
      typing = false;
      for (const event of events) show(event);
      if (!well) throw broken(line);
      for (const message of messages) {
        await consequences.settled(message, SILENCE_MS, interrupt.signal);
      }
      await refreshPrompt(console);
    } finally {
      typing = false;
      stopCounting();
      consequences.stop();
    }
  };

  return {
    console,
    heading: (title) => {
      step += 1;
      terminal.print(headingLine(step, title, terminal.colors));
    },
    say: (text) => terminal.print(dim(indent(text))),
    type,
    get events() {
      return events;
    },
    close: stopListening,
  };
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '   ');
}

function broken(line: string): CliError {
  const hint = 'This is a defect of Corral: please report it with the lines above.';
  return new CliError('SESSION_BROKEN', `the session stopped at \`${line}\``, hint, { line });
}
