import { expect, test } from 'vitest';
import { createSharedBlobs } from '../../actors/shared-blobs.js';

/** Data of 100 bytes each; `read` tells which of it was read. */
function openBlobs() {
  const read: string[] = [];
  const share = createSharedBlobs(
    (id) => {
      read.push(id);
      return new TextEncoder().encode(id.padEnd(100));
    },
    { entries: 1_000, bytes: 1_000 },
  );
  return { share, read };
}

test('is one copy, whoever asks', async () => {
  const { share, read } = openBlobs();
  const [one, two] = await Promise.all([share('a'), share('a')]);
  expect(one).toBeInstanceOf(SharedArrayBuffer);
  expect(two).toBe(one);
  expect(await share('a')).toBe(one);
  expect(
    Buffer.from(new Uint8Array(one as SharedArrayBuffer))
      .toString()
      .trim(),
  ).toBe('a');
  const before = read.length;
  await share('a');
  expect(read).toHaveLength(before);
});

test('keeps what was asked for last, and not all there is', async () => {
  const { share, read } = openBlobs();
  const ids = Array.from({ length: 100 }, (_, i) => `${i}`);
  for (const id of ids) await share(id);
  expect(read).toEqual(ids);
  for (const id of ids.slice(-5)) await share(id);
  expect(read).toEqual(ids);
  await share('0');
  expect(read).toEqual([...ids, '0']);
});

test('passes on why there is no data, and asks again', async () => {
  let damaged = true;
  const share = createSharedBlobs(() => {
    if (damaged) throw new Error('damaged');
    return new Uint8Array(3);
  });
  await expect(share('a')).rejects.toThrow('damaged');
  damaged = false;
  expect((await share('a'))?.byteLength).toBe(3);
});
