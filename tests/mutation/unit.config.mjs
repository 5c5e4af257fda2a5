import { common } from './common.mjs';

/**
 * Mutants of the engine and of Momento's keys against the unit tests, and after them the fault campaign.
 *
 *     npx stryker run tests/mutation/unit.config.mjs
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  ...common,
  vitest: { configFile: 'tests/mutation/unit.vitest.ts', related: false },
  mutate: ['src/{rotation,revocation,aws,momento}/**/*.ts', 'src/{each-secret,event,health,revocation-run}.ts'],
  jsonReporter: { fileName: 'reports/mutation/unit.json' },
};
