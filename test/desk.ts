/**
 * The environment of somebody's own machine, for programs that tests run as a person would: without
 * what a CI service, a terminal or the test runner says of itself, which such programs ask after.
 * vitest, for one, writes no snapshots where any of some fifty services is recognised.
 */

/** What programs need in order to start. All else is left behind, rather than fifty services named. */
const NEEDED = [
  ...['PATH', 'HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'SYSTEMROOT'],
  ...['LD_LIBRARY_PATH', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'],
];

/** @param more variables beside those, such as `CI` where CI is what a test is about */
export function deskEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => NEEDED.includes(name.toUpperCase()) || name.startsWith('CORRAL_'),
  );
  return { ...Object.fromEntries(kept), ...more };
}
