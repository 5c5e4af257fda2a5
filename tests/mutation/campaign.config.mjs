import { common } from './common.mjs';

/**
 * Mutants of src/rotation against the fault campaign alone, without the unit tests.
 *
 *     npx stryker run tests/mutation/campaign.config.mjs
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  ...common,
  testRunner: 'campaign',
  plugins: ['./tests/mutation/campaign-runner.mjs'],
  testRunnerNodeArgs: ['--import', 'tsx'],
  // The campaign has another one in the place of the scheduler.
  mutate: ['src/rotation/**/*.ts', '!src/rotation/event-bridge-scheduler.ts'],
  jsonReporter: { fileName: 'reports/mutation/campaign.json' },
  thresholds: { high: 90, low: 80, break: 80 },
};
