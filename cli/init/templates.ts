/**
 * The projects that `corral init` can make: files of the package's templates/ folder, those that
 * all have in common and those of one, with the project's name and versions put in.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { didYouMean, packageRoot, VERSION } from '../../index.js';
import { CliError } from '../errors.js';

export interface Template {
  readonly name: string;
  /** One sentence, for the list and for the README. */
  readonly about: string;
  /** File of process/ that is the process; the others are required by it. */
  readonly main: string;
}

export const TEMPLATES: readonly Template[] = [
  {
    name: 'counter',
    about: 'A counter that anybody may push on and read, and only its owner may set back.',
    main: 'counter.lua',
  },
  {
    name: 'token',
    about: 'A token with minting, transfers and notices, its ledger in a file of its own.',
    main: 'token.lua',
  },
];

export interface ProjectFile {
  /** From the project's folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** @throws {CliError} USAGE */
export function findTemplate(name: string): Template {
  const template = TEMPLATES.find((known) => known.name === name);
  if (template !== undefined) return template;
  const names = TEMPLATES.map((known) => known.name);
  const hint = `${didYouMean(name, names)}There are: ${names.join(', ')}.`;
  throw new CliError('USAGE', `there is no template "${name}"`, hint, { name });
}

/** What a project in this folder consists of, in the order of its paths. */
export function projectFiles(template: Template, folder: string): ProjectFile[] {
  const sources = readdirSync(join(templateFolder(template.name), 'process'));
  const source = corralSource();
  const isCopy = source.startsWith('file:');
  const variables: Readonly<Record<string, string>> = {
    ...readVersions(),
    source,
    sourceNote: isCopy ? copyNote(source) : '',
    install: isCopy ? COPY_IN_CI : '      - run: npm install',
    name: packageName(folder),
    about: template.about,
    main: template.main,
    files: sources.map((file) => `\`${file}\``).join(' and '),
  };
  return ['common', template.name]
    .flatMap((part) => readFolder(templateFolder(part)))
    .map(({ path, text }) => ({ path: hiddenName(path), text: fill(text, variables) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * What package.json asks npm for: this version where Corral was installed by npm, else the folder
 * in which it runs, as a clone has no version that npm could find.
 */
export function corralSource(root: string = packageRoot): string {
  if (root.split(sep).includes('node_modules')) return VERSION;
  return `file:${root.split(sep).join('/').replace(/\/$/, '')}`;
}

function copyNote(source: string): string {
  return `
\`package.json\` takes Corral from \`${source}\`, the copy that made this project. On another machine,
run \`npm install --save-dev PATH\` with the path of Corral there, once it is built (\`npm ci\` and
\`npm run build\` in its folder). \`.github/workflows/test.yml\` needs to be told its repository.
`;
}

/** The copy is not on the machines of CI: there it is built first. */
const COPY_IN_CI = `      # package.json takes Corral from a folder that is not here: name its repository.
      - uses: actions/checkout@v4
        with:
          repository: OWNER/corral
          path: corral
      - run: mv corral ../corral && cd ../corral && npm ci && npm run build
      - run: npm install --save-dev ../corral`;

function templateFolder(name: string): string {
  return join(packageRoot, 'templates', name);
}

/** Corral's own version, and those of the tools that it is tested with. */
function readVersions() {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const versionOf = (name: string) => manifest.devDependencies[name] ?? 'latest';
  return {
    version: VERSION,
    types: versionOf('@types/node'),
    typescript: versionOf('typescript'),
    vitest: versionOf('vitest'),
  };
}

/** A name that npm takes: lower case, no spaces. */
function packageName(folder: string): string {
  const name = basename(resolve(folder)).toLowerCase();
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '');
  const taken = plain.replace(/[^a-z0-9._-]+/g, '-').replace(/^[._-]+/, '');
  return ['', 'node_modules', 'favicon.ico'].includes(taken) ? 'my-process' : taken;
}

function readFolder(folder: string, from = folder): ProjectFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return readFolder(path, from);
    const name = relative(from, path).split(sep).join('/');
    return [{ path: name, text: readFileSync(path, 'utf8') }];
  });
}

/** npm leaves names that begin with a dot out of packages: here they are without it. */
function hiddenName(path: string): string {
  return path.replace(/^(gitignore|github|luarc\.json)(?=\/|$)/, '.$1');
}

function fill(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`a template has the unknown variable ${name}`);
    return value;
  });
}
