import * as arweaveMerkle from 'arweave/node/lib/merkle.js';
import { describe, expect, test } from 'vitest';
import { buildTree, checkPath } from '../../arlocal/merkle.js';

const KB = 1024;

function createData(size: number): Uint8Array {
  const data = new Uint8Array(size);
  for (let index = 0; index < size; index++) data[index] = (index * 17 + (index >> 9)) % 253;
  return data;
}

describe.each([1, 255 * KB, 256 * KB, 257 * KB, 288 * KB, 512 * KB, 700 * KB + 1, 2048 * KB])(
  'the tree over %i bytes',
  (size) => {
    const data = createData(size);
    const { root, chunks } = buildTree(data);

    test('is that of arweave-js', async () => {
      const foreign = await arweaveMerkle.generateTransactionChunks(data);
      expect(Buffer.compare(root, foreign.data_root)).toBe(0);
      const ours = chunks.filter(({ start, end }) => end > start);
      expect(ours.map(({ start, end }) => [start, end])).toEqual(
        foreign.chunks.map(({ minByteRange, maxByteRange }) => [minByteRange, maxByteRange]),
      );
      ours.forEach(({ dataPath }, index) => {
        expect(Buffer.compare(dataPath, foreign.proofs[index]!.proof)).toBe(0);
      });
    });

    test('proves each chunk, and nothing else', () => {
      for (const { start, end, dataPath } of chunks.filter((chunk) => chunk.end > chunk.start)) {
        expect(checkPath(root, start, size, dataPath)).toMatchObject({ start, end });
        expect(checkPath(root, end - 1, size, dataPath)).toMatchObject({ start, end });
        const broken = Uint8Array.from(dataPath);
        broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
        expect(checkPath(root, start, size, broken)).toBeUndefined();
        expect(checkPath(root, start, size, dataPath.subarray(1))).toBeUndefined();
      }
    });
  },
);
