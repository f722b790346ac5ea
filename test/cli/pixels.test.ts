import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawImage, readImage, toPrompt } from '../../cli/pixels.js';
import { runCorral } from './program.js';

const HELD_OUT = new URL('../../models/held-out.idx3-ubyte', import.meta.url);
const idx = readFileSync(HELD_OUT);
const drawing = (...lines: string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);

describe('an IDX file', () => {
  test('gives the image asked for, row by row', () => {
    const { width, height, pixels } = readImage(idx, 3);
    expect([width, height]).toEqual([28, 28]);
    expect(Buffer.from(pixels).equals(idx.subarray(16 + 3 * 784, 16 + 4 * 784))).toBe(true);
  });

  test.each([
    ['an image that is not there', idx, 100],
    ['an image that is cut off', idx.subarray(0, 16 + 784 * 2 - 1), 1],
  ])('refuses %s', (_, file, index) => {
    expect(() => readImage(file, index)).toThrow(
      expect.objectContaining({ code: 'IMAGE_INVALID' }),
    );
  });
});

describe('a drawing', () => {
  test('lies in the middle, a character a pixel', () => {
    const { pixels } = readImage(drawing('@', ' @'), 0);
    const ink = [...pixels.entries()].filter(([, value]) => value > 0);
    expect(ink).toEqual([
      [13 * 28 + 13, 255],
      [14 * 28 + 14, 255],
    ]);
  });

  test('may be what an image was shown as', () => {
    const image = readImage(idx, 8);
    const again = readImage(drawing(...drawImage(image)), 0);
    expect(drawImage(again)).toEqual(drawImage(image));
  });

  test('has ten shades', () => {
    const { pixels } = readImage(drawing(' .:-=+*#%@'), 0);
    expect([...pixels.filter((value) => value > 0)]).toEqual([
      28, 57, 85, 113, 142, 170, 198, 227, 255,
    ]);
  });

  test.each([
    ['nothing', ['', '']],
    ['an unknown character', ['@', '@x']],
    ['too many rows', Array.from({ length: 29 }, () => '@')],
    ['too wide a row', ['@'.repeat(57)]],
  ])('refuses %s', (_, lines) => {
    expect(() => readImage(drawing(...lines), 0)).toThrow(
      expect.objectContaining({ code: 'IMAGE_INVALID' }),
    );
  });
});

describe('corral pixels', () => {
  test('prints the prompt, and nothing else', async () => {
    const { code, stdout, stderr } = await runCorral(['pixels', HELD_OUT.pathname, '--image', '7']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`${toPrompt(readImage(idx, 7))}\n`);
    expect(stdout).toMatch(/^[0-9a-f]{1568}\n$/);
  });

  test('says which file cannot be read', async () => {
    const { code, stderr } = await runCorral(['pixels', 'none.txt']);
    expect(code).toBe(1);
    expect(stderr).toContain('none.txt');
  });
});
