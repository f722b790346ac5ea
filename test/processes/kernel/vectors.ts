/**
 * The recorded sequences that are the kernel's bar, and what of our own stands in for the programs
 * that they load.
 */
import { readFileSync } from 'node:fs';
import { type CompareRules, canonical, type Json, type KernelResult } from './compare.js';
import { isFailure, readProgram, type Subject } from './subject.js';

interface Step {
  msg: { Data?: Json; [key: string]: Json | undefined };
  expect: KernelResult;
  unordered?: boolean;
}

export interface Vector {
  name: string;
  module: string;
  exactTags?: boolean;
  env: Json;
  boot: Step;
  steps: Step[];
}

/** One step as it was expected and as it came. */
export interface Outcome {
  expected: string;
  actual: string;
  /** Both failed, or both did not. */
  sameFate: boolean;
}

const FILE = new URL('../../vectors/kernel-vectors.json', import.meta.url);

/** The module that programs of today run on; the recordings of other versions are out of scope. */
const MODULE = 'aos2_0_6';

/** Programs named in the vectors, and our own of the same behaviour. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'permaweb/aos@ae42860:blueprints/apm.lua': 'blueprints/apm.lua',
  'permaweb/aos@ae42860:blueprints/chatroom.lua': 'blueprints/chatroom.lua',
  'permaweb/aos@ae42860:blueprints/token.lua': 'blueprints/token.lua',
  'wrap:apm-head.lua': 'apm-client.lua',
};

export function readVectors(): Vector[] {
  const all = JSON.parse(readFileSync(FILE, 'utf8')) as Vector[];
  return all.filter((vector) => vector.module === MODULE);
}

/** The vector's messages through the subject; undefined when it needs a program that we lack. */
export function play(vector: Vector, subject: Subject): Outcome[] | undefined {
  const steps = [vector.boot, ...vector.steps];
  const messages: string[] = [];
  for (const { msg } of steps) {
    const data = resolveData(msg.Data);
    if (data === null) return undefined;
    messages.push(JSON.stringify({ ...msg, Data: data }));
  }
  const results = subject(messages, JSON.stringify(vector.env));
  return steps.map((step, index) => {
    const result = results[index] ?? {};
    const rules: CompareRules = {
      exactTags: vector.exactTags ?? false,
      unordered: step.unordered ?? false,
      foreignProgram: /^(blueprint|apm)\//.test(vector.name),
    };
    return {
      expected: canonical(step.expect, rules),
      actual: canonical(result, rules),
      sameFate: isFailure(step.expect) === isFailure(result),
    };
  });
}

/** Data as the message carries it; null when it names a program that we lack. */
function resolveData(data: Json | undefined): Json | undefined {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return data ?? undefined;
  const program = PROGRAMS[String(data.$file)];
  return program === undefined ? null : readProgram(program);
}
