import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { history } from './history.js';

const here = import.meta.dirname;

test('the same messages give the same state in another machine', () => {
  expect(history()).toEqual(history());
});

test('and in another operating system process, started at another time', () => {
  const script = `import { history } from ${JSON.stringify(join(here, 'history.ts'))};
    process.stdout.write(JSON.stringify(history()));`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const output = execFileSync(process.execPath, args, {
    cwd: here,
    env: { ...process.env, TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', HOME: '/elsewhere' },
    encoding: 'utf8',
  });
  expect(JSON.parse(output)).toEqual(history());
});
