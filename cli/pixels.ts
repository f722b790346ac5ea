/**
 * Images for models that read pixels: IDX files as MNIST has them, and drawings typed as text. A
 * prompt is the image's bytes, row by row, in hexadecimal.
 * Source: yann.lecun.com/exdb/mnist, "The IDX file format".
 */
import { CliError } from './errors.js';

export interface Image {
  readonly width: number;
  readonly height: number;
  /** Rows of bytes: 0 is paper, 255 ink. */
  readonly pixels: Uint8Array;
}

/** Side of a drawing's image. */
const SIDE = 28;
/** From paper to ink. */
const SHADES = ' .:-=+*#%@';
const IDX_IMAGES = 0x0803; // bytes, three dimensions
const IDX_HEADER_BYTES = 16;

/**
 * The image in a file; an IDX file has many, of which `index` counts from 0.
 *
 * @throws {CliError} IMAGE_INVALID
 */
export function readImage(file: Uint8Array, index: number): Image {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length >= IDX_HEADER_BYTES && view.getUint32(0) === IDX_IMAGES) {
    return readIdxImage(file, view, index);
  }
  return readDrawing(new TextDecoder().decode(file));
}

function readIdxImage(file: Uint8Array, view: DataView, index: number): Image {
  const [count = 0, height = 0, width = 0] = [4, 8, 12].map((at) => view.getUint32(at));
  const start = IDX_HEADER_BYTES + index * width * height;
  if (index >= count || start + width * height > file.length) {
    throw invalid(`there is no image ${index} among ${count}`, `Count from 0 to ${count - 1}.`);
  }
  return { width, height, pixels: file.slice(start, start + width * height) };
}

/**
 * One character a pixel, or two where it is too wide for that, as drawImage writes them. As many rows
 * as an image has are taken as they lie; fewer go to the middle.
 */
function readDrawing(text: string): Image {
  const lines = text.replace(/\n$/, '').split(/\r?\n/);
  const widest = Math.max(...lines.map((line) => line.trimEnd().length));
  const step = widest > SIDE ? 2 : 1;
  const width = Math.ceil(widest / step);
  if (width === 0 || width > SIDE || lines.length > SIDE) {
    const size = `${widest} x ${lines.length} characters`;
    throw invalid(`a drawing of ${size} is no image`, `Draw at most ${SIDE} rows of ${SIDE}.`);
  }
  const pixels = new Uint8Array(SIDE * SIDE);
  const left = lines.length === SIDE ? 0 : Math.floor((SIDE - width) / 2);
  const top = Math.floor((SIDE - lines.length) / 2);
  for (const [y, line] of lines.entries()) {
    for (let x = 0; x < width; x++) {
      const shade = SHADES.indexOf(line[x * step] ?? ' ');
      if (shade < 0) {
        const where = `row ${y + 1}, column ${x * step + 1}`;
        throw invalid(`"${line[x * step]}" at ${where} is no shade`, `Draw with "${SHADES}".`);
      }
      pixels[(top + y) * SIDE + left + x] = Math.round((shade / (SHADES.length - 1)) * 255);
    }
  }
  return { width: SIDE, height: SIDE, pixels };
}

export function toPrompt({ pixels }: Image): string {
  return Buffer.from(pixels).toString('hex');
}

/** The image as lines of text, two characters a pixel. */
export function drawImage({ width, height, pixels }: Image): string[] {
  return Array.from({ length: height }, (_, y) =>
    [...pixels.subarray(y * width, (y + 1) * width)]
      .map((value) => (SHADES[Math.floor((value * SHADES.length) / 256)] ?? '').repeat(2))
      .join('')
      .trimEnd(),
  );
}

function invalid(message: string, hint: string): CliError {
  return new CliError('IMAGE_INVALID', message, hint);
}
