/** What a played dispute says of a question that the engine refuses: the engine's own reason. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { playDispute } from '../../../herd/dispute/play-dispute.js';
import { packageRoot } from '../../../herd/package-root.js';

test.each(['instruction', 'none'] as const)('a prompt that is no image, with %s', async (kind) => {
  const played = playDispute({
    fault: { kind },
    prompt: 'What is the meaning of life?',
    tokens: 20,
    model: join(packageRoot, 'models', 'digits-20.gguf'),
  });
  await expect(played).rejects.toThrow(/The prompt is not the 1568 hexadecimal digits/);
});
