/** `corral operator`: an opML operator over HTTP, with a herd of its own behind it. */
import { type Operator, readOperatorConfig, type StopReport, startOperator } from '../../index.js';
import type { Command, CommandContext } from '../command.js';
import { EXIT } from '../errors.js';
import { untilAborted } from '../interrupt.js';
import { BOOT_OPTIONS, PORT_BASE_OPTION } from '../network.js';
import type { ParsedArguments } from '../options.js';

export const operator: Command = {
  name: 'operator',
  summary: 'serve questions over HTTP as an opML operator',
  details: [
    'Boots a network of its own and answers questions by its herd: POST /api/v1/question takes ' +
      'one, and its callback is told the answer and the state_root of the claim on it. With ' +
      '--port-base anyone can challenge the claim. docs/OPERATOR_API.md has every route and code.',
    '--config is a YAML file with the keys port, host, model_name, model_path, dispatcher; ' +
      'mongo_uri and mips_program are taken and not used. Without it all have their defaults: ' +
      'http://127.0.0.1:1234 and the demo model.',
    'It calls whatever URL it is given as a callback: let only those reach it whom you trust ' +
      'with that. Ctrl-C finishes what is under way. The log goes to stderr.',
  ],
  positionals: [],
  options: [
    { name: 'config', value: 'FILE', summary: 'config.yml with the keys of opml-opt' },
    { name: 'original', summary: 'the shapes of the original program, opml-opt' },
    ...BOOT_OPTIONS.filter(({ name }) => name === 'seed'),
    ...BOOT_OPTIONS.filter(({ name }) => name === 'workers').map((option) => ({
      ...option,
      summary: 'llama workers, one question at a time each, default 1',
    })),
    { ...PORT_BASE_OPTION, summary: 'open the network too, so that its claims can be challenged' },
  ],
  run: async (args, context) => {
    const operator = await start(args, context);
    tellStart(operator, args.integers.has('port-base'), context);
    await untilAborted(context.interrupt.signal);
    return tellStop(await operator.stop(), context);
  },
};

async function start(
  { texts, flags, integers }: ParsedArguments,
  { terminal }: CommandContext,
): Promise<Operator> {
  const file = texts.get('config');
  const config = file === undefined ? undefined : readOperatorConfig(file);
  for (const reason of config?.unused ?? []) terminal.note(terminal.colors.yellow(reason));
  return startOperator({
    config,
    original: flags.has('original'),
    workers: integers.get('workers'),
    seed: integers.get('seed'),
    portBase: integers.get('port-base'),
    log: (line) => terminal.note(line),
  });
}

function tellStart(
  { url, nodeId, model, corral }: Operator,
  isOpen: boolean,
  { terminal }: CommandContext,
): void {
  const { bold, dim } = terminal.colors;
  terminal.note(`${bold(`operator of "${model}"`)} at ${url} ${dim(`(node ${nodeId})`)}`);
  if (isOpen) terminal.note(dim(`claims are open to challenge at ${corral.info.urls.gateway}`));
  terminal.note(dim('Ctrl-C stops it.'));
}

function tellStop({ delivered, undelivered }: StopReport, { terminal }: CommandContext): number {
  if (delivered.length > 0) terminal.note(`told at the end: ${delivered.join(', ')}`);
  if (undelivered.length === 0) return EXIT.ok;
  terminal.note(terminal.colors.red(`could not be told: ${undelivered.join(', ')}`));
  return EXIT.failure;
}
