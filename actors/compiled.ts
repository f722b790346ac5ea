/**
 * Where the compiled form of a source file is. Compute threads load plain JavaScript: when Corral
 * itself runs from its TypeScript sources (tests), what they load is the build in `dist/`.
 */

/** @param module path from the package root, as written in imports: `actors/thread-main.js` */
export function compiledUrl(module: string): URL {
  const here = import.meta.url;
  return new URL(here.endsWith('.ts') ? `../dist/${module}` : `../${module}`, here);
}
