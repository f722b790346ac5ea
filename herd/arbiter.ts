/**
 * What the arbiter of a herd has to know: the model that the workers answer with, as the roots of its
 * program. They are computed from the model's bytes here, once, as any challenger can.
 */
import type { ActorNetwork } from '../actors/network.js';
import { openProgram } from '../llama/program.js';
import { describeConstants, readConstants } from '../opml/claim.js';
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

/** Whether the arbiter judges answers of the model already. */
export async function isRegistered(
  network: ActorNetwork,
  arbiter: string,
  { id }: ModelInfo,
): Promise<boolean> {
  const { messages } = await network.dryRun(arbiter, { Tags: [{ name: 'Action', value: 'Info' }] });
  const { models } = JSON.parse(String(messages[0]?.Data ?? '{}')) as { models?: string[] };
  return models?.includes(id) ?? false;
}

/** Data of the message `Register-Model`. Reads all of the model: some 8 ms for each MB. */
export function describeModel(network: ActorNetwork, model: ModelInfo): string {
  const bytes = network.gateway.data(model.id);
  if (bytes === undefined) throw new Error(`the gateway has no model ${model.id}`);
  const constants = readConstants(openProgram(bytes));
  return JSON.stringify({ ...describeConstants(constants), ...promptLayout(model) });
}
