/** Words of the kit as a test in Lua writes them: an error's hint names what there is in Lua. */

const NAMES = [
  ...['toHaveMessage', 'toHaveMessages', 'toFailWith', 'toConserve', 'toMatchTrace', 'toReplay'],
  ...['mintWar', 'setState', 'dryRun', 'startAt', 'createNetwork'],
];
const NAME = new RegExp(`\\b(${NAMES.join('|')})\\b`, 'g');

/** `toFailWith` -> `to_fail_with`, `null` -> `nil`; ids and other words stay. */
export function inLuaWords(text: string): string {
  return text
    .replace(NAME, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
    .replace(/\bcreate_network\b/g, 'network.create')
    .replace(/\bawait /g, '')
    .replace(/\bJSON\.stringify\((\w+)\)/g, "require('json').encode($1)")
    .replace(/\bString\((\w+)\)/g, 'tostring($1)')
    .replace(/\b(?:undefined|null)\b/g, 'nil');
}
