/**
 * What of a process is suspended in `receive`, asked for with a dry-run, so that asking changes
 * nothing. Lua says nothing when an answer never comes; who compares before and after can.
 */
import type { Client } from './client.js';

export interface Pulse {
  /** Its prompt: name and inbox count, in its colours. */
  readonly prompt: string | undefined;
  /** Names of the coroutines that wait for a message. */
  readonly suspended: ReadonlySet<string>;
}

const LIST_SUSPENDED = `(function()
  local names = {}
  for _, thread in ipairs(Handlers.coroutines or {}) do
    if coroutine.status(thread) == "suspended" then names[#names + 1] = tostring(thread) end
  end
  return table.concat(names, "\\n")
end)()`;

export const STILL_WAITS =
  'still waits for an answer: all that was sent is over, and what it waits for did not come';

export async function readPulse(client: Client, process: string): Promise<Pulse> {
  const { prompt, output } = await client.dryRun(process, { Action: 'Eval' }, LIST_SUSPENDED);
  return { prompt, suspended: new Set(output.split('\n').filter(Boolean)) };
}

/** Whether something is suspended now that was not then. */
export function waitsAnew(then: ReadonlySet<string>, now: ReadonlySet<string>): boolean {
  return [...now].some((name) => !then.has(name));
}
