/** A Python that has PyTorch, for the tests that train; they are skipped where there is none. */
import { execFileSync } from 'node:child_process';

const CANDIDATES = [process.env.CORRAL_PYTHON, 'python3', '/usr/bin/python3'];

export const NO_TORCH =
  'no Python with PyTorch here: apt-get install python3-torch, or name one in CORRAL_PYTHON';

/** Its path, or undefined. */
export function findTorch(): string | undefined {
  return CANDIDATES.find((python) => {
    if (python === undefined || python === '') return false;
    try {
      execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
      return true;
    } catch {
      return false; // not installed, or not in this Python
    }
  });
}
