import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What is quick comes first: most mutants do not live to see the campaign. */
class CampaignLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isCampaign = ({ moduleId }: TestSpecification) =>
      moduleId.includes('/faults/') || moduleId.includes('/mutation/');
    return [...sorted.filter((file) => !isCampaign(file)), ...sorted.filter(isCampaign)];
  }
}

// Not UTC, in which schedules are: where they are not taken so, it shows.
process.env['TZ'] = 'Asia/Tokyo';

export default defineConfig({
  test: {
    include: [
      'tests/{rotation,revocation,aws,momento}/**/*.test.ts',
      'tests/{any-event,event,health,revocation-run}.test.ts',
      'tests/faults/{found,human-states,time}.test.ts',
      'tests/mutation/campaign-as-tests.ts',
    ],
    globalSetup: 'tests/build-function.ts',
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    sequence: { sequencer: CampaignLast },
    testTimeout: 600_000,
    hookTimeout: 180_000,
  },
});
