/**
 * The kernel, ready to be asked: on Corral's Lua machine, or on a Lua 5.3 of the system, AO's own
 * dialect. Both answer a sequence of messages the way a compute unit would: a failed message leaves
 * the state as it was.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileLua } from '../../../actors/lua/engine.js';
import { createImage } from '../../../actors/lua/image.js';
import { createMachine, type LuaMachine } from '../../../actors/lua/machine.js';
import { collectorOfRun } from '../../../kit/collect/run.js';
import type { KernelResult } from './compare.js';

const PROCESSES = new URL('../../../processes/', import.meta.url);

interface Manifest {
  entry: string;
  modules: { name: string; file: string }[];
}

/** Gives one result for each message, in order; messages and environment are JSON texts. */
export type Subject = (messages: readonly string[], env: string) => KernelResult[];

export const readProgram = (path: string): string => readFileSync(new URL(path, PROCESSES), 'utf8');

/** A fresh process of the kernel, before its first message. */
export function createKernelMachines(): () => LuaMachine {
  const manifest = JSON.parse(readProgram('kernel/manifest.json')) as Manifest;
  const watch = collectorOfRun()?.lines?.hook;
  const image = createImage(compileLua(), {
    entry: manifest.entry,
    watch,
    files: manifest.modules.map(({ name, file }) => ({
      name,
      source: readProgram(`kernel/${file}`),
    })),
  });
  return () => createMachine(image, { watch });
}

/** Corral's Lua machine. */
export function machineSubject(): Subject {
  const create = createKernelMachines();
  return (messages, env) => {
    const machine = create();
    let good = machine.checkpoint();
    const results = messages.map((message) => {
      const result = readReply(machine.evaluate(message, env));
      if (isFailure(result)) machine.restore(good);
      else good = machine.checkpoint();
      return result;
    });
    machine.dispose();
    return results;
  };
}

/** A Lua of the system, without rollback: after a failure the good messages are played again. */
export function systemSubject(command: string): Subject {
  const kernel = fileURLToPath(new URL('kernel', PROCESSES));
  const runner = fileURLToPath(new URL('run-kernel.lua', import.meta.url));
  return (messages, env) => {
    const results: KernelResult[] = [];
    const good: string[] = [];
    while (results.length < messages.length) {
      const input = JSON.stringify({ env, messages: [...good, ...messages.slice(results.length)] });
      const { stdout, stderr, status } = spawnSync(command, [runner, kernel], { input });
      if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
      const replies = String(stdout).split('\n').slice(good.length, -1).map(readReply);
      for (const result of replies) {
        results.push(result);
        if (isFailure(result)) break;
        good.push(messages[results.length - 1] ?? '');
      }
    }
    return results;
  };
}

export const isFailure = (result: KernelResult): boolean =>
  result.Error !== undefined || result.Thrown !== undefined;

function readReply(text: string): KernelResult {
  const reply = JSON.parse(text);
  return reply.ok ? reply.response : { Thrown: reply.response };
}
