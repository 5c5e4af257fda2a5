import { common } from './common.mjs';

/**
 * Mutants of the engine against the fault campaign alone, without the unit tests.
 *
 *     npx stryker run tests/mutation/campaign.config.mjs
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  ...common,
  testRunner: 'campaign',
  plugins: ['./tests/mutation/campaign-runner.mjs', './tests/mutation/unseen.mjs'],
  ignorers: ['unseen'],
  testRunnerNodeArgs: ['--import', 'tsx'],
  mutate: [
    'src/{rotation,revocation}/**/*.ts',
    'src/{health,revocation-run}.ts',
    // What is said of keys that are left alone, and of failures: no invariant looks at words.
    '!src/revocation/{left-alone,revocation-failure}.ts',
    // Whatever text a description has is read as a marker or is not: tests/revocation/marker.test.ts has them all.
    '!src/revocation/marker.ts',
    // Nor which texts may name a secret, of which it has three: tests/rotation/secret-id.test.ts and tests/event.test.ts.
    '!src/rotation/secret-id.ts',
  ],
  // Invariants look at what is done, and not at how it is worded, nor at which other texts a pattern would take: that is for the unit tests.
  mutator: { excludedMutations: ['StringLiteral', 'Regex'] },
  // On a machine that has other things to do; by itself it takes some ten.
  dryRunTimeoutMinutes: 90,
  jsonReporter: { fileName: 'reports/mutation/campaign.json' },
  thresholds: { high: 90, low: 80, break: 80 },
};
