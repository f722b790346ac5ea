/**
 * Places a model's tensors in the weights region, checked against the shape that the model should
 * have: matrices as records that lead to packed data, vectors as they are.
 */
import { LlamaError } from './errors.js';
import type { Gguf, Tensor } from './gguf.js';
import { MATRIX_KIND, packedBytes, packMatrix } from './pack.js';
import type { Place, Region } from './places.js';

export interface Matrix {
  /** Where its record is. */
  readonly place: Place;
  readonly isInt8: boolean;
  /** Outputs and inputs, with padding. */
  readonly rows: number;
  readonly columns: number;
}

export interface MatrixShape {
  readonly columns: number;
  readonly rows: number;
  /** Sizes with padding; default rows in whole tiles of 16. */
  readonly paddedColumns?: number;
  readonly paddedRows?: number;
}

const TILE_ROWS = 16;

/** Rows of a matrix in the engine: whole tiles. */
export function paddedRows(rows: number): number {
  return Math.ceil(rows / TILE_ROWS) * TILE_ROWS;
}

/** @throws {LlamaError} MODEL_MISSING_TENSOR, MODEL_UNSUPPORTED_SHAPE */
export function placeMatrix(region: Region, gguf: Gguf, name: string, shape: MatrixShape): Matrix {
  const columns = shape.paddedColumns ?? shape.columns;
  const rows = shape.paddedRows ?? paddedRows(shape.rows);
  const tensor = findTensor(gguf, name, [
    [shape.columns, shape.rows],
    [columns, shape.rows],
  ]);
  const kind = MATRIX_KIND[tensor.type];
  const data = region.fill(packedBytes(tensor.type, rows, columns), (memory, address) =>
    packMatrix(tensor, columns, memory, address),
  );
  const place = region.words([kind, data, rows, columns]);
  return { place, isInt8: kind === MATRIX_KIND.Q8_0, rows, columns };
}

/**
 * Places a vector, with zeros up to `padded` values.
 *
 * @throws {LlamaError} MODEL_MISSING_TENSOR, MODEL_UNSUPPORTED_SHAPE, GGUF_UNSUPPORTED_TYPE
 */
export function placeVector(
  region: Region,
  gguf: Gguf,
  name: string,
  length: number,
  padded = length,
): Place {
  const tensor = findTensor(gguf, name, [[length]]);
  if (tensor.type !== 'F32') {
    throw new LlamaError('GGUF_UNSUPPORTED_TYPE', `The vector "${name}" is ${tensor.type}.`, {
      name,
      type: tensor.type,
    });
  }
  return region.fill(padded * 4, (memory, address) => memory.set(tensor.data, address));
}

function findTensor(gguf: Gguf, name: string, wanted: readonly (readonly number[])[]): Tensor {
  const tensor = gguf.tensors.get(name);
  if (tensor === undefined) {
    throw new LlamaError('MODEL_MISSING_TENSOR', `The model has no tensor "${name}".`, { name });
  }
  if (!wanted.some((dims) => dims.join() === tensor.dims.join())) {
    const dims = wanted[0]?.join(' x ');
    throw new LlamaError(
      'MODEL_UNSUPPORTED_SHAPE',
      `The tensor "${name}" is ${tensor.dims.join(' x ')}, not ${dims}.`,
      { name, dims: tensor.dims, wanted: wanted[0] },
    );
  }
  return tensor;
}
