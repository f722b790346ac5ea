/**
 * `corral start`, which `npm start` runs: boots a network, plays the first session in it, and on a
 * terminal stays open as the REPL of the user's process.
 */
import type { Command, CommandContext } from '../command.js';
import { EXIT } from '../errors.js';
import { playFirstSession } from '../first-session/first-session.js';
import { createStage, headingLine } from '../first-session/stage.js';
import { chooseTopic, DEFAULT_TOPIC } from '../first-session/topic.js';
import { tellOfGateway } from '../gateway-lines.js';
import {
  BOOT_OPTIONS,
  bootNetwork,
  describeNetwork,
  type JoinedNetwork,
  openProcess,
  USER_PROCESS,
} from '../network.js';
import type { ParsedArguments } from '../options.js';
import { openConsole } from '../repl/console.js';
import { continueConsole } from '../repl/converse.js';

export const start: Command = {
  name: 'start',
  summary: 'boot the network, play the first session, stay as a REPL',
  details: [
    'Boots a network and plays the first session in it: a process gets wAR, installs the Llama ' +
      'package, pays the herder for an answer, asks for a joke, and fails without wAR. Every ' +
      'line has its real effect on the network.',
    'On a terminal it stays open as the REPL of your process. Without one it prints the same ' +
      'session to stdout and exits with 0.',
  ],
  positionals: [],
  options: [
    ...BOOT_OPTIONS,
    { name: 'topic', value: 'TEXT', summary: `topic of the joke, default: ${DEFAULT_TOPIC}` },
  ],
  run: async (args, context) => {
    const network = await bootNetwork(args, {
      listen: true,
      onGatewayEvent: tellOfGateway(context.terminal, false),
    });
    try {
      return await play(network, args, context);
    } finally {
      await network.close();
    }
  },
};

async function play(
  { client, feed }: JoinedNetwork,
  { texts }: ParsedArguments,
  context: CommandContext,
): Promise<number> {
  const { terminal, interrupt, debug } = context;
  const { bold, dim } = terminal.colors;
  const readyMs = context.uptimeMs();
  terminal.print(headingLine(1, 'A network of your own', terminal.colors));
  for (const line of await describeNetwork(client, readyMs, terminal)) terminal.print(line);
  const process = await openProcess(client, USER_PROCESS);
  const console = await openConsole({ terminal, client, process, debug });
  const stage = createStage(console, feed, context);
  try {
    const topic = () => chooseTopic(terminal, texts.get('topic'), interrupt.signal);
    await playFirstSession(stage, { topic });
  } finally {
    stage.close();
  }
  terminal.print();
  if (!terminal.interactive) {
    terminal.print(bold('That was a whole herd on your desk.'));
    return EXIT.ok;
  }
  terminal.print(
    `${bold('Your turn.')} ${dim('.help lists the commands, .exit stops the network.')}`,
  );
  return continueConsole(console, feed, context);
}
