/**
 * What the arbiter of a herd has to know: the model that the workers answer with, as the roots of its
 * program. They are computed from the model's bytes here, once, as any challenger can.
 */
import type { ActorNetwork } from '../actors/network.js';
import { openProgram } from '../llama/program.js';
import { describeConstants, type ProgramRoots, readConstants } from '../opml/claim.js';
import type { ModelInfo } from './weights.js';

/** How a prompt is put before a model; without one, the programs' own: that of the demo model. */
interface PromptLayout {
  readonly template: string;
  readonly roles: readonly string[];
}

/** A model that is no language model gets what was asked, as it was asked. */
const BARE: PromptLayout = { template: '{prompt}', roles: [] };

export function promptLayout({ architecture }: ModelInfo): PromptLayout | undefined {
  return architecture === 'llama' ? undefined : BARE;
}

/** Tags by which a worker lays prompts out as the arbiter does. */
export function layoutTags(model: ModelInfo): Record<string, string> {
  const layout = promptLayout(model);
  if (layout === undefined) return {};
  return { 'Prompt-Template': layout.template, 'Chat-Roles': JSON.stringify(layout.roles) };
}

/** Data of the message `Register-Model`. */
interface Registration extends ProgramRoots, Partial<PromptLayout> {}

/**
 * What the arbiter has to be told before it can judge the model's answers by the engine of this run;
 * undefined if it knows. A store may hold an arbiter that was told of another engine. Reads all of the
 * model: some 8 ms for each MB.
 */
export async function findRegistration(
  network: ActorNetwork,
  arbiter: string,
  model: ModelInfo,
): Promise<Registration | undefined> {
  const registration = describeModel(network, model);
  const known = await readProgramRoot(network, arbiter, model);
  return known === registration.programRoot ? undefined : registration;
}

function describeModel(network: ActorNetwork, model: ModelInfo): Registration {
  const bytes = network.gateway.data(model.id);
  if (bytes === undefined) throw new Error(`the gateway has no model ${model.id}`);
  const constants = readConstants(openProgram(bytes));
  return { ...describeConstants(constants), ...promptLayout(model) };
}

/** Root of the program by which the arbiter judges answers of the model; undefined if it does not. */
async function readProgramRoot(
  network: ActorNetwork,
  arbiter: string,
  { id }: ModelInfo,
): Promise<string | undefined> {
  const ask = { Action: 'Model-Info', 'Model-ID': id };
  const Tags = Object.entries(ask).map(([name, value]) => ({ name, value }));
  const { messages } = await network.dryRun(arbiter, { Tags });
  const { programRoot } = JSON.parse(String(messages[0]?.Data ?? '{}')) as Partial<ProgramRoots>;
  return programRoot;
}
