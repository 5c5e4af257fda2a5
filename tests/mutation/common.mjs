/** What both ways of running Stryker have in common. @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export const common = {
  testRunner: 'vitest',
  // Stryker rewrites the paths in a tsconfig.json, for which it needs the API that TypeScript 7 does not have. Nothing
  // here needs that file.
  tsconfigFile: 'none',
  ignorePatterns: ['dist', 'cdk.out', 'coverage', 'reports', 'infra'],
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  concurrency: 2,
  timeoutMS: 60_000,
};
