/**
 * `corral convert FILE.safetensors --out FILE.gguf`: a model as PyTorch trained it becomes one that a
 * herd can serve.
 */
import {
  type ConvertedModel,
  convertMlp,
  readSafetensors,
  type WeightFormat,
} from '../../index.js';
import type { Command } from '../command.js';
import { CliError, EXIT } from '../errors.js';
import { readBytes, writeBytes } from '../files.js';
import { formatCount } from '../format.js';
import type { ParsedArguments } from '../options.js';

const FORMATS: readonly WeightFormat[] = ['F32', 'F16', 'Q8_0'];

export const convert: Command = {
  name: 'convert',
  summary: 'turn a trained model (safetensors) into a GGUF file',
  details: [
    'FILE.safetensors holds linear layers with a ReLU between them, as PyTorch names them ' +
      '(NAME.weight, NAME.bias), in the order of the numbers in their names.',
    'The input scale and the labels are read from the file where training/digits.py wrote them ' +
      'there, and from the options otherwise.',
  ],
  positionals: [{ name: 'FILE.safetensors', required: true }],
  options: [
    { name: 'out', value: 'FILE.gguf', summary: 'file to write' },
    {
      name: 'type',
      value: 'TYPE',
      summary: `${FORMATS.join(', ')}; default F32`,
    },
    { name: 'labels', value: 'A,B,...', summary: 'a name for each output' },
    { name: 'input-scale', value: 'X', summary: 'what training multiplied a byte 0..255 by' },
    { name: 'name', value: 'NAME', summary: "the model's name" },
  ],
  run: async (args, { terminal }) => {
    const [file = ''] = args.positionals;
    const out = args.texts.get('out');
    if (out === undefined) throw usage('`corral convert` needs --out FILE.gguf');
    const model = convertMlp(readSafetensors(readBytes(file)), {
      format: readFormat(args),
      labels: args.texts.get('labels')?.split(','),
      inputScale: readScale(args),
      name: args.texts.get('name'),
    });
    writeBytes(out, model.gguf);
    for (const line of describe(model, out)) terminal.print(line);
    return EXIT.ok;
  },
};

function readFormat({ texts }: ParsedArguments): WeightFormat | undefined {
  const text = texts.get('type');
  const format = FORMATS.find((one) => one === text);
  if (text === undefined || format !== undefined) return format;
  throw usage(`--type cannot be "${text}"`, `Choose from ${FORMATS.join(', ')}.`);
}

function readScale({ texts }: ParsedArguments): number | undefined {
  const text = texts.get('input-scale');
  if (text === undefined) return undefined;
  const scale = Number(text);
  if (Number.isFinite(scale) && scale > 0) return scale;
  throw usage(`--input-scale cannot be "${text}"`, 'Give a number above 0.');
}

function describe(model: ConvertedModel, out: string): string[] {
  const { shape, format, parameters, gguf, labels, inputScale } = model;
  return [
    `${out}: ${model.name}, ${shape.join('-')}, ${format}`,
    `${formatCount(parameters)} weights in ${formatCount(gguf.length)} bytes`,
    `an input byte is multiplied by ${inputScale.toPrecision(6)}; answers: ${labels.join(' ')}`,
  ];
}

function usage(message: string, hint = ''): CliError {
  const help = '`corral convert --help` lists what it takes.';
  return new CliError('USAGE', message, `${hint} ${help}`.trim(), { command: 'convert' });
}
