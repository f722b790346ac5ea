/**
 * A program that commits a fault on every question that it is asked, planted anew for each: what a
 * worker serves with whose lies are to be disputed.
 */
import type { AnswerInput, Program } from '../llama/program.js';
import { FLAG_TRIM, INPUT } from '../llama/regions.js';
import { readCounts, viewOf } from './facts.js';
import { type FaultSpec, plantFault } from './faults.js';

/** The program's memory is the liar's from now on; its constants have to be read before. */
export function createLiar(program: Program, spec: FaultSpec): Program {
  let now = program;
  return {
    wasm: program.wasm,
    bounds: program.bounds,
    memory: program.memory,
    logits: program.logits,
    /** @throws {FAULT_BAD_PLACE, FAULT_WITHOUT_EFFECT} */
    begin(input) {
      now = plantFault(program, input, spec);
      now.begin(input);
    },
    /** @throws {FAULT_BAD_PLACE, FAULT_WITHOUT_EFFECT} */
    resume(question, answer) {
      const { status, promptTokens } = readCounts(viewOf(answer));
      const isNew = status === 0 && promptTokens === 0;
      if (isNew) now = plantFault(program, readInput(question), spec);
      now.resume(question, answer);
    },
    restart: (answer) => now.restart(answer),
    step: () => now.step(),
    run: () => now.run(),
    advance: () => now.advance(),
    readAnswer: () => now.readAnswer(),
  };
}

/** The question that an input region holds. */
function readInput(region: Uint8Array): AnswerInput {
  const view = viewOf(region);
  const stops: string[] = [];
  for (let at: number = INPUT.stops; stops.length < view.getUint32(INPUT.stopCount, true); ) {
    const end = at + 2 + view.getUint16(at, true);
    stops.push(new TextDecoder().decode(region.subarray(at + 2, end)));
    at = end;
  }
  const promptEnd = INPUT.prompt + view.getUint32(INPUT.promptBytes, true);
  return {
    prompt: region.slice(INPUT.prompt, promptEnd),
    maxTokens: view.getUint32(INPUT.maxTokens, true),
    temperature: view.getFloat32(INPUT.temperature, true),
    topP: view.getFloat32(INPUT.topP, true),
    seed: view.getBigUint64(INPUT.seed, true),
    stops,
    trim: view.getUint32(INPUT.flags, true) === FLAG_TRIM,
  };
}
