/**
 * The kernel, booted once per program: every handle of every loader starts from a copy of this
 * memory, and nothing that a handle does is in it.
 */
import { compileLua } from '../../actors/lua/engine.js';
import { createImage, type MemoryImage } from '../../actors/lua/image.js';
import { readKernel } from '../../herd/modules.js';

const booted: MemoryImage[] = [];

/** Takes about 0.1 s the first time. */
export function kernelImage(): MemoryImage {
  const [known] = booted;
  if (known) return known;
  const image = createImage(compileLua(), readKernel());
  booted.push(image);
  return image;
}
