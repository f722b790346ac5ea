/**
 * `corral pixels FILE`: an image as the prompt of a model that reads pixels.
 */
import type { Command } from '../command.js';
import { EXIT } from '../errors.js';
import { readBytes } from '../files.js';
import { drawImage, readImage, toPrompt } from '../pixels.js';

const MAX_INDEX = 0xffff_ffff;

export const pixels: Command = {
  name: 'pixels',
  summary: 'turn an image into a prompt of hexadecimal digits',
  details: [
    'Prints the bytes of an image, 0 paper to 255 ink, as hexadecimal text: the prompt of a ' +
      'digit classifier.',
    'FILE is an IDX file of images, as MNIST has them, or a drawing typed as text: up to 28 rows ' +
      'of 28 characters (or 56, two a pixel), from " " and "." over "#" to "@". Fewer rows go to ' +
      'the middle.',
  ],
  positionals: [{ name: 'FILE', required: true }],
  options: [
    {
      name: 'image',
      value: 'N',
      integer: { min: 0, max: MAX_INDEX },
      summary: 'which image of an IDX file, from 0, default 0',
    },
    { name: 'show', summary: 'print the image as text instead' },
  ],
  run: async ({ positionals, integers, flags }, { terminal }) => {
    const image = readImage(readBytes(positionals[0] ?? ''), integers.get('image') ?? 0);
    if (flags.has('show')) for (const line of drawImage(image)) terminal.print(line);
    else terminal.print(toPrompt(image));
    return EXIT.ok;
  },
};
