/** The two computations of a played dispute: an honest one, and one with the fault planted. */
import { openProgram, type Program } from '../../llama/program.js';
import { readConstants } from '../../opml/claim.js';
import { plantFault } from '../../opml/faults.js';
import type { PlantedFault } from '../../opml/faulty-program.js';
import type { Role } from '../../opml/game.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import type { OpenTracer } from '../bots/thinker.js';
import { type DisputeFault, toFaultSpec } from './dispute-fault.js';

export interface DisputeParties {
  /** Who has the fault. */
  readonly liar: Role;
  /** How each side's bot computes. */
  readonly open: Readonly<Record<Role, OpenTracer>>;
  /** The computations that have been opened so far. */
  readonly opened: {
    honest?: Tracer;
    liar?: Tracer;
    fault?: PlantedFault;
    /** Of the honest computation. */
    program?: Program;
    /** Real milliseconds that went into planting the fault, which no real liar needs. */
    plantingMs: number;
  };
}

/** The worker lies, or, for the fault `none`, the challenger does. */
export function createParties(fault: DisputeFault): DisputeParties {
  const opened: DisputeParties['opened'] = { plantingMs: 0 };
  const honest: OpenTracer = (model, input) => {
    const program = openProgram(model);
    opened.program = program;
    opened.honest = createTracer(program, input);
    return opened.honest;
  };
  const liar: OpenTracer = (model, input) => {
    const program = openProgram(model);
    const constants = readConstants(program);
    const start = performance.now();
    const faulty = plantFault(program, input, toFaultSpec(fault));
    opened.plantingMs += performance.now() - start;
    opened.fault = faulty.fault;
    opened.liar = createTracer(faulty, input, constants);
    return opened.liar;
  };
  return fault.kind === 'none'
    ? { liar: 'challenger', open: { challenger: liar, defender: honest }, opened }
    : { liar: 'defender', open: { challenger: honest, defender: liar }, opened };
}
