/**
 * A lane of kills: a child runs on a folder, is killed at a random step, and is started again on what
 * it left. What it had acknowledged by then is remembered here.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

/** Something that the network said that it has. */
export interface Acknowledged {
  readonly kind: string;
  readonly process?: string;
  readonly id: string;
  readonly left?: number;
  readonly start?: string;
  readonly litter?: string;
  readonly reference?: string;
}

export interface LaneOptions {
  readonly child: 'network-child.mjs' | 'herd-child.mjs';
  readonly folder: string;
  readonly seed: string;
  readonly kills: number;
  /** Steps of the store that a child makes at most. */
  readonly steps: number;
}

/** Runs a lane. Throws what a child says if it ends in any other way. */
export async function runLane(options: LaneOptions): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  for (let run = 1; run <= options.kills; run++) {
    acknowledged.push(...(await runOnce(options, run)));
  }
  return acknowledged;
}

async function runOnce(
  { child, folder, seed, steps }: LaneOptions,
  run: number,
): Promise<Acknowledged[]> {
  const digest = createHash('sha256').update(`${seed} ${run}`).digest();
  const last = 1 + (digest.readUInt32LE() % steps);
  const path = fileURLToPath(new URL(child, import.meta.url));
  const { signal, output, errors } = await finish([path, folder, String(run), String(last)]);
  if (signal !== 'SIGKILL') throw new Error(`run ${run} of ${seed}, step ${last}: ${errors}`);
  const lines = output.split('\n');
  lines.pop(); // the end of it may be cut
  return lines
    .map((line) => JSON.parse(line) as Acknowledged)
    .filter(({ kind }) => kind !== 'open');
}

function finish(
  args: string[],
): Promise<{ signal: string | null; output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      errors += data;
    });
    child.on('error', reject);
    child.on('close', (_, signal) => resolve({ signal, output, errors }));
  });
}
