import { common } from './common.mjs';

/**
 * Mutants of src/rotation and src/momento against the unit tests, and after them the fault campaign.
 *
 *     npx stryker run tests/mutation/unit.config.mjs
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  ...common,
  vitest: { configFile: 'tests/mutation/unit.vitest.ts', related: false },
  mutate: ['src/rotation/**/*.ts', 'src/momento/**/*.ts'],
  jsonReporter: { fileName: 'reports/mutation/unit.json' },
};
