import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLuaActor, INTERVAL_GAS } from '../../../actors/compute/lua-actor.js';
import { compileLua } from '../../../actors/lua/engine.js';
import { createImage, type MemoryImage } from '../../../actors/lua/image.js';
import { createInstance } from '../../../actors/lua/instance.js';

/** A kernel of a few lines: keeps what it is told, and fails when told so. */
const SOURCE = `
  local seen = {}
  function handle(message)
    local word = message:match('"word":"(%w*)"')
    seen[#seen + 1] = word
    if word == 'throw' then error('thrown') end
    if word == 'loop' then while true do end end
    if word == 'work' then for i = 1, 4000000 do end end
    if word == 'garbage' then return 'no json' end
    local error = word == 'fail' and '"Error":"failed"' or '"Output":"' .. table.concat(seen, ' ') .. '"'
    return '{"ok":true,"response":{' .. error .. '}}'
  end`;

const limits = { memoryBytes: 32 * 1024 * 1024, instructions: 100_000 };
const BAD = {
  throw: 'LUA_ERROR',
  fail: 'EVALUATION_FAILED',
  loop: 'INSTRUCTION_LIMIT',
  garbage: 'EVALUATION_FAILED',
};

describe('an actor', () => {
  let image: MemoryImage;
  beforeAll(() => {
    image = createImage(compileLua(), { files: [{ name: 'main', source: SOURCE }], entry: 'main' });
  });
  const open = () => {
    const actor = createLuaActor({ image, environment: '{}', limits });
    const say = (word: string) =>
      actor.evaluate({ json: JSON.stringify({ word }), timestampMs: 0 });
    return { actor, say };
  };

  test.each(Object.entries(BAD))('that is told to %s is as before', (word, code) => {
    const { actor, say } = open();
    say('a');
    const hash = actor.hash();
    expect(say(word).error).toMatchObject({ code });
    expect(actor.hash()).toBe(hash);
    expect(say('b').output).toBe('a b');
  });

  test('is in the same state as one that was never told what failed', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'fail', 'throw'), {
      maxLength: 150,
    });
    fc.assert(
      fc.property(words, (told) => {
        const [all, good] = [open(), open()];
        for (const word of told) all.say(word);
        for (const word of told) if (!(word in BAD)) good.say(word);
        expect(all.actor.hash()).toBe(good.actor.hash());
        all.actor.dispose();
        good.actor.dispose();
      }),
      { numRuns: 30 },
    );
  });

  test('makes dry-runs that leave nothing behind, failing or not', () => {
    const { actor, say } = open();
    say('a');
    const hash = actor.hash();
    for (const [word, output] of [
      ['x', 'a x'],
      ['loop', ''],
      ['y', 'a y'],
    ]) {
      const message = { json: JSON.stringify({ word }), timestampMs: 0 };
      expect(actor.dryRun(message).output).toBe(output);
    }
    expect(actor.hash()).toBe(hash);
  });

  test('can be put to sleep and woken up elsewhere', () => {
    const { actor, say } = open();
    for (const word of ['a', 'b', 'fail', 'c']) say(word);
    const woken = createLuaActor({
      image,
      environment: '{}',
      limits,
      checkpoint: actor.checkpoint(),
    });
    expect(woken.hash()).toBe(actor.hash());
    expect(woken.evaluate({ json: '{"word":"d"}', timestampMs: 0 }).output).toBe('a b c d');
  });

  test('whose messages are dear evaluates few of them again after a failure', () => {
    const instance = createInstance(image.engine);
    const moments: number[] = []; // one for each evaluation
    Object.defineProperty(instance, 'nowMs', {
      get: () => moments.at(-1),
      set: (timestampMs) => moments.push(timestampMs),
    });
    image.engine.spare.push(instance); // the next machine takes it
    const actor = createLuaActor({
      image,
      environment: '{}',
      limits: { ...limits, instructions: 1_000_000_000 },
    });
    const say = (word: string, timestampMs: number) =>
      actor.evaluate({ json: JSON.stringify({ word }), timestampMs });
    const gas: number[] = [];
    for (let spent = 0; spent < 2.5 * INTERVAL_GAS; spent += gas.at(-1) ?? 0) {
      gas.push(say('work', gas.length).gas);
    }
    expect(moments).toEqual(gas.map((_, i) => i));
    expect(say('fail', gas.length).error).toBeDefined();
    const again = moments.slice(gas.length + 1);
    expect(again.length).toBeGreaterThan(0);
    expect(again.reduce((sum, i) => sum + (gas[i] ?? 0), 0)).toBeLessThan(INTERVAL_GAS);
    expect(say('a', 0).output).toContain('work work');
    actor.dispose();
  });
});
