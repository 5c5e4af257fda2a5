import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from './load/run.ts';
import { scenarios } from './load/scenarios.ts';
import { startServices } from './load/services.ts';

/** The short version of `npm run load`: the same, slower and fewer, so that a busy machine keeps up. */
test.each(scenarios)('under load, no request fails when $name', async (scenario) => {
  const services = await startServices();
  onTestFinished(() => services.close());
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  for (const [name, value] of Object.entries(await services.environment())) vi.stubEnv(name, value);

  const result = await run(services, { scenario, rotations: 2, perSecond: 50, pauseMs: 400, measureHeap: false });
  expect(result.requests).toBeGreaterThan(0);
  expect(result.failures).toEqual({});
  expect(result.reads.answered).toBeLessThanOrEqual(result.allowedReads);
});
