/**
 * Turns a trained multilayer perceptron into a GGUF file: linear layers with a ReLU between them, as
 * PyTorch names and stores them (NAME.weight of rows x columns, NAME.bias). What training did to the
 * inputs goes along, so that the engine does the same.
 * Source: docs/BRING-YOUR-OWN-MODEL.md, "The file".
 */
import { encodeTensor } from './encode-tensor.js';
import { LlamaError } from './errors.js';
import { type MetadataEntry, type TensorSpec, writeGguf } from './gguf-write.js';
import { floatsOf, type Safetensors, type SafetensorsTensor } from './safetensors.js';

/** Formats that weights can be written in. */
export type WeightFormat = 'F32' | 'F16' | 'Q8_0';

export interface ConvertOptions {
  /** Format of the matrices; default F32. */
  readonly format?: WeightFormat | undefined;
  /** A name for each output; default the file's own, then "0", "1", ... */
  readonly labels?: readonly string[] | undefined;
  /** What an input byte 0..255 is multiplied by, as in training; default the file's own. */
  readonly inputScale?: number | undefined;
  /** Default the file's own, then "mlp". */
  readonly name?: string | undefined;
}

export interface ConvertedModel {
  readonly gguf: Uint8Array;
  readonly name: string;
  /** Inputs, hidden widths, outputs: [784, 20, 10]. */
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly labels: readonly string[];
  readonly inputScale: number;
  readonly format: WeightFormat;
}

interface Layer {
  readonly weight: SafetensorsTensor;
  readonly bias: SafetensorsTensor | undefined;
  readonly rows: number;
  readonly columns: number;
}

/** llama.cpp's numbers for "mostly this format". */
const FILE_TYPES: Record<WeightFormat, number> = { F32: 0, F16: 1, Q8_0: 7 };
const BLOCK = 32;
const MAX_HALF = 65519; // what is larger rounds to infinity

/** @throws {LlamaError} CONVERT_*, SAFETENSORS_UNSUPPORTED_TYPE, MODEL_NOT_FINITE */
export function convertMlp(source: Safetensors, options: ConvertOptions = {}): ConvertedModel {
  const layers = findLayers(source);
  const outputs = layers.at(-1)?.rows ?? 0;
  const labels = chooseLabels(source, options, outputs);
  const inputScale = chooseInputScale(source, options);
  const name = options.name ?? source.metadata.get('name') ?? 'mlp';
  const format = options.format ?? 'F32';
  const activation = source.metadata.get('activation') ?? 'relu';
  if (activation !== 'relu') {
    throw unknownModel(`The model's activation is "${activation}", not "relu".`, { activation });
  }
  const metadata: MetadataEntry[] = [
    ['general.architecture', 'string', 'mlp'],
    ['general.name', 'string', name],
    ['general.file_type', 'u32', FILE_TYPES[format]],
    ['mlp.block_count', 'u32', layers.length],
    ['mlp.input_length', 'u32', layers[0]?.columns ?? 0],
    ['mlp.input_scale', 'f32', inputScale],
    ['mlp.activation', 'string', activation],
    ['mlp.labels', 'strings', labels],
  ];
  const tensors = layers.flatMap((layer, index) => encodeLayer(layer, index, format));
  return {
    gguf: writeGguf(metadata, tensors),
    name,
    shape: [layers[0]?.columns ?? 0, ...layers.map(({ rows }) => rows)],
    parameters: layers.reduce((sum, { rows, columns }) => sum + rows * (columns + 1), 0),
    labels,
    inputScale,
    format,
  };
}

/** The file's matrices, in the order of the numbers in their names, which must fit together. */
function findLayers({ tensors }: Safetensors): Layer[] {
  const names = [...tensors.keys()].sort(new Intl.Collator('en', { numeric: true }).compare);
  const layers: Layer[] = [];
  for (const name of names) {
    const [rows = 0, columns = 0, ...more] = tensors.get(name)?.shape ?? [];
    const isMatrix = name.endsWith('.weight') && rows > 0 && columns > 0 && more.length === 0;
    const weight = tensors.get(isMatrix ? name : name.replace(/\.bias$/, '.weight'));
    if (weight === undefined || weight.shape.length !== 2) {
      throw unknownModel(
        `The tensor "${name}" (${rows} x ${columns}) belongs to no linear layer.`,
        {
          name,
        },
      );
    }
    if (!isMatrix) continue;
    const before = layers.at(-1);
    if (before !== undefined && before.rows !== columns) {
      throw unknownModel(
        `The layer "${name}" takes ${columns} values, but the one before gives ${before.rows}.`,
        { name, columns, given: before.rows },
      );
    }
    layers.push({ weight, bias: findBias(tensors, name, rows), rows, columns });
  }
  if (layers.length === 0) throw unknownModel('The file has no linear layer.', {});
  return layers;
}

function findBias(
  tensors: Safetensors['tensors'],
  weightName: string,
  rows: number,
): SafetensorsTensor | undefined {
  const name = weightName.replace(/\.weight$/, '.bias');
  const bias = tensors.get(name);
  if (bias !== undefined && bias.shape.join() !== `${rows}`) {
    throw unknownModel(`The bias "${name}" is ${bias.shape.join(' x ')}, not ${rows}.`, { name });
  }
  return bias;
}

/** A layer without a bias gets zeros; rows of blocks are filled up with zeros. */
function encodeLayer({ weight, bias, rows, columns }: Layer, index: number, format: WeightFormat) {
  const values = finite(weight, format === 'F32' ? Number.MAX_VALUE : MAX_HALF);
  const biases = bias === undefined ? new Float32Array(rows) : finite(bias, Number.MAX_VALUE);
  const width = format === 'Q8_0' ? Math.ceil(columns / BLOCK) * BLOCK : columns;
  const matrix = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    matrix.set(values.subarray(row * columns, (row + 1) * columns), row * width);
  }
  const specs: TensorSpec[] = [
    {
      name: `layer.${index}.weight`,
      dims: [width, rows],
      format,
      data: encodeTensor(matrix, format),
    },
    { name: `layer.${index}.bias`, dims: [rows], format: 'F32', data: encodeTensor(biases, 'F32') },
  ];
  return specs;
}

function finite(tensor: SafetensorsTensor, limit: number): Float32Array {
  const values = floatsOf(tensor);
  const bad = values.findIndex((value) => !(Math.abs(value) <= limit));
  if (bad >= 0) {
    throw new LlamaError(
      'MODEL_NOT_FINITE',
      `The tensor "${tensor.name}" holds ${values[bad]} at ${bad}.`,
      { name: tensor.name, index: bad, value: values[bad] },
    );
  }
  return values;
}

function chooseLabels({ metadata }: Safetensors, options: ConvertOptions, outputs: number) {
  const own = metadata.get('labels')?.split(',');
  const labels = options.labels ?? own ?? Array.from({ length: outputs }, (_, i) => `${i}`);
  if (labels.length !== outputs || new Set(labels).size !== outputs || labels.includes('')) {
    throw badOption(
      `The labels are ${JSON.stringify(labels)}: the model needs ${outputs} different ones.`,
    );
  }
  return labels;
}

function chooseInputScale({ metadata }: Safetensors, { inputScale }: ConvertOptions): number {
  const scale = inputScale ?? Number(metadata.get('input_scale') ?? Number.NaN);
  if (Number.isFinite(scale) && scale > 0) return scale;
  throw badOption(
    `The input scale is ${scale}: give what training multiplied a byte 0..255 by, such as 1/255.`,
  );
}

function unknownModel(message: string, details: Readonly<Record<string, unknown>>): LlamaError {
  return new LlamaError('CONVERT_UNKNOWN_MODEL', message, details);
}

function badOption(message: string): LlamaError {
  return new LlamaError('CONVERT_BAD_OPTION', message);
}
