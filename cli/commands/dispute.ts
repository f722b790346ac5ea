/** `corral dispute`: plants a fault into a worker and shows how it is found and judged. */
import { writeFileSync } from 'node:fs';
import { didYouMean, FAULT_KINDS, type FaultKind, playDispute } from '../../index.js';
import type { Command } from '../command.js';
import { drawDispute } from '../dispute/picture.js';
import { createTeller } from '../dispute/teller.js';
import { CliError, EXIT, messageOf } from '../errors.js';
import { unlessAborted } from '../interrupt.js';
import { BOOT_OPTIONS } from '../network.js';
import type { OptionSpec, ParsedArguments } from '../options.js';

const DEFAULT_FAULT: FaultKind = 'instruction';
/** What can be said about the place of each kind of fault. */
const PLACES: Record<FaultKind, readonly string[]> = {
  token: ['token'],
  operator: ['token', 'operator', 'bit'],
  instruction: ['token', 'operator', 'step', 'bit'],
  input: [],
  weights: [],
  parameters: [],
  truncation: ['token'],
  none: ['token', 'operator', 'step', 'bit'],
};
const DEFAULT_PROMPT = 'What is the meaning of life?';
const DEFAULT_TOKENS = 20;
const MAX_COUNT = 2 ** 31 - 1;

const count = (name: string, summary: string, min = 0, max = MAX_COUNT): OptionSpec => ({
  name,
  value: 'N',
  integer: { min, max },
  summary,
});

export const dispute: Command = {
  name: 'dispute',
  summary: 'dispute a false answer, down to one instruction',
  details: [
    'Boots a network of its own, in virtual time, and has a user pay for an answer. The worker ' +
      'that answers has a fault planted. A challenger notices, both play the game before the ' +
      'arbiter, and every move is shown, up to the verdict and who got which wAR.',
    `--fault is one of: ${FAULT_KINDS.join(', ')}. With "none" the worker is honest and the ` +
      'challenger is not. --token, --operator, --step and --bit choose the place, where the kind ' +
      'of fault has one; otherwise one is found that changes the answer.',
    'With --json stdout is one document: all that is shown, hashes in full. --svg draws it.',
  ],
  positionals: [],
  options: [
    { name: 'fault', value: 'KIND', summary: `what goes wrong, default: ${DEFAULT_FAULT}` },
    count('token', 'token whose computation is false, from 0'),
    count('operator', 'operator of that token, from 0'),
    count('step', 'step of that operator, from 0'),
    count('bit', 'bit that is flipped, from 0', 0, 127),
    { name: 'prompt', value: 'TEXT', summary: `question, default: ${DEFAULT_PROMPT}` },
    count('tokens', `most tokens of the answer, default ${DEFAULT_TOKENS}`, 1, 1024),
    ...BOOT_OPTIONS.filter(({ name }) => name === 'model' || name === 'seed'),
    { name: 'json', summary: 'the whole dispute as one JSON document on stdout' },
    { name: 'svg', value: 'FILE', summary: 'draw the dispute into this file' },
  ],
  run: async (args, context) => {
    const svg = args.texts.get('svg');
    if (svg !== undefined) writePicture(svg, ''); // before the work: a path may be wrong
    const json = args.flags.has('json');
    const { signal } = context.interrupt;
    const tell = json ? undefined : createTeller(context.terminal);
    const record = await unlessAborted(playDispute({ ...readOptions(args), tell, signal }), signal);
    if (json) context.terminal.print(JSON.stringify(record, undefined, 2));
    if (svg !== undefined) {
      writePicture(svg, drawDispute(record));
      if (!json) context.terminal.note(context.terminal.colors.dim(`drawn: ${svg}`));
    }
    return EXIT.ok;
  },
};

function readOptions({ texts, integers }: ParsedArguments) {
  const kind = readFault(texts.get('fault') ?? DEFAULT_FAULT);
  checkPlace(kind, integers);
  return {
    fault: {
      kind,
      token: integers.get('token'),
      operator: integers.get('operator'),
      step: integers.get('step'),
      bit: integers.get('bit'),
    },
    prompt: texts.get('prompt') ?? DEFAULT_PROMPT,
    tokens: integers.get('tokens') ?? DEFAULT_TOKENS,
    seed: integers.get('seed'),
    model: texts.get('model'),
  };
}

function readFault(name: string): FaultKind {
  const kind = FAULT_KINDS.find((known) => known === name);
  if (kind !== undefined) return kind;
  const hint = `${didYouMean(name, FAULT_KINDS)}There are: ${FAULT_KINDS.join(', ')}.`;
  throw new CliError('USAGE', `--fault cannot be "${name}"`, hint, { name });
}

/** @throws {CliError} USAGE if a place was given that this kind of fault does not have */
function checkPlace(kind: FaultKind, given: ReadonlyMap<string, number>): void {
  const known = PLACES[kind];
  const odd = PLACES.instruction.find((name) => given.has(name) && !known.includes(name));
  if (odd === undefined) return;
  const names = known.map((name) => `--${name}`).join(', ');
  const hint = known.length > 0 ? `It takes ${names}.` : 'It is everywhere in the answer.';
  throw new CliError('USAGE', `a fault of the kind "${kind}" has no --${odd}`, hint, { kind });
}

function writePicture(path: string, picture: string): void {
  try {
    writeFileSync(path, picture);
  } catch (cause) {
    const hint = 'Give the path of a file in a folder that can be written.';
    const message = `cannot write the picture to ${path} (${messageOf(cause)})`;
    throw new CliError('FILE_NOT_WRITABLE', message, hint, { path }, cause);
  }
}
