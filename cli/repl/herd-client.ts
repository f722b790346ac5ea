/** The package by which a process asks the herd: how a user's process gets it. */

const GET_CLIENT = '.load-blueprint apm, APM.install("@sam/Llama-Herder"), .fund 0.001';
const NO_CLIENT = "(global 'Llama')";

/** Lines for `.help`. */
export const CLIENT_HELP = [
  'Llama.run("Hello?", 10) asks the herd, once the process has the client and wAR:',
  GET_CLIENT,
] as const;

/** What to do about an error of Lua that used `Llama` where there is none. */
export function explainMissingClient(failure: string): string | undefined {
  if (!failure.includes(NO_CLIENT)) return undefined;
  return `This process has no client of the herd. Type in its REPL: ${GET_CLIENT}`;
}
