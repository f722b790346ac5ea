import { describe, expect, test } from 'vitest';
import { drawDispute } from '../../../cli/dispute/picture.js';
import { makeRecord } from './record.js';
import { readXml } from './xml.js';

const STEPS = 1_204_331;

describe('the picture of a dispute', () => {
  test('is well-formed XML, whatever the texts are', () => {
    const prompt = '<b>&amp; "quotes" \u0001 \ud800 é 🦙';
    const elements = readXml(drawDispute(makeRecord({ steps: STEPS, prompt })));
    expect(elements[0]).toMatchObject({ name: 'svg' });
    expect(elements[0]?.attributes.viewBox).toMatch(/^0 0 1000 \d+$/);
  });

  test('is right for one step, one operator and one token, and for very many', () => {
    for (const made of [
      { steps: 1, operators: 1, tokens: 1 },
      { steps: 2 ** 39, operators: 4_096, tokens: 1_024 },
    ]) {
      const elements = readXml(drawDispute(makeRecord(made)));
      const [{ attributes } = { attributes: {} as Record<string, string> }] = elements;
      const [, , width, height] = (attributes.viewBox ?? '').split(' ').map(Number);
      for (const { name, attributes: box } of elements.filter(
        (element) => element.name === 'rect',
      )) {
        const edges = [box.x, box.y, box.width, box.height].map(Number);
        const [x = Number.NaN, y = Number.NaN, w = Number.NaN, h = Number.NaN] = edges;
        expect({ name, inside: x >= 0 && y >= 0 && w >= 0 && h >= 0 }).toEqual({
          name,
          inside: true,
        });
        expect(x + w).toBeLessThanOrEqual((width ?? 0) + 0.01);
        expect(y + h).toBeLessThanOrEqual((height ?? 0) + 0.01);
      }
    }
  });

  test('halves the interval with each move, and names both sides of it', () => {
    const svg = drawDispute(makeRecord({ steps: STEPS }));
    for (const length of ['1,204,331 steps', '602,165 ', '301,083 ', '150,541 ']) {
      expect(svg).toContain(length);
    }
    for (const text of [
      'llama-1 claims',
      'challenger claims',
      'the arbiter computes',
      'f32x4.mul',
    ]) {
      expect(svg).toContain(text);
    }
  });

  test('has colours of its own for dark pages', () => {
    const svg = drawDispute(makeRecord({ steps: 100 }));
    const [light = '', dark = ''] = svg.split('@media (prefers-color-scheme: dark)');
    const used = new Set([...svg.matchAll(/class="([^"]+)"/g)].flatMap((m) => m[1]?.split(' ')));
    const coloured = [...used].filter((name) =>
      new RegExp(`\\.${name} \\{ (fill|stroke)`).test(light),
    );
    expect(coloured).toContain('disputed');
    for (const name of coloured) expect(dark).toMatch(new RegExp(`\\.${name} \\{ (fill|stroke)`));
  });
});
