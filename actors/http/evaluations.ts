/**
 * Reading through the evaluations of a process: from a store each is read and parsed, and some are
 * large, so whoever else wants the thread has it in between.
 */
import type { Evaluation } from '../compute/evaluation.js';
import { weightOf } from '../json-weight.js';
import type { ActorNetwork } from '../network.js';

/** Characters of results between two breaths: some milliseconds of parsing. */
const BREATH_WEIGHT = 512 * 1024;

/** Those from a place on, in their order, as far as there are any by then. */
export async function* readEvaluations(
  { gateway, units }: ActorNetwork,
  process: string,
  from = 0,
): AsyncGenerator<Evaluation> {
  const evaluations = units.compute.evaluations(process);
  let weight = 0;
  for (let place = from; place < evaluations.length; place++) {
    const evaluation = evaluations.at(place);
    if (!evaluation) return;
    yield evaluation;
    weight += weightOf(evaluation.result);
    if (weight < BREATH_WEIGHT) continue;
    weight = 0;
    await gateway.breathe();
  }
}
