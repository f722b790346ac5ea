/**
 * Words of a prompt, as the herder counts them.
 *
 * The herder has no tokenizer: it charges for runs of ASCII letters and digits, Lua's `%w+`. Every
 * other byte separates, so "don't" is two words and "naïve" is two ("na", "ve").
 */

/**
 * Number of words in a prompt.
 *
 * @source processes/herder.lua `Herder.countWords`
 * @example countWords('What is the meaning of life?') // 6
 */
export function countWords(prompt: string): number {
  return prompt.match(/[A-Za-z0-9]+/g)?.length ?? 0;
}
