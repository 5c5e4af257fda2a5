import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyEvent } from '../rotation/arbitrary-event.ts';
import { startStage } from './stage.ts';

/** Whatever somebody invokes the function with, it does its work, or says what is wrong. */

test('500 events, none of which ends in an error that nobody can act on', async () => {
  const { secretId, versionId, invoke, output } = await startStage();
  const event = anyEvent({ secretId, versionId, name: 'a/secret' });
  await fc.assert(
    fc.asyncProperty(event, async (each) => {
      const { errorType, errorMessage = '' } = await invoke(each).then(
        () => ({ errorType: undefined, errorMessage: '' }),
        (error: { errorType: string; errorMessage: string }) => error,
      );
      expect([undefined, 'RotationError', 'InvalidEventError', 'SecretStoreError']).toContain(errorType);
      expect(errorMessage).not.toMatch(/nexpected|defect/);
      expect(errorMessage.length).toBeLessThan(1000);
    }),
    { numRuns: 500, seed: 12, endOnFailure: true },
  );

  const messages = output()
    .split('\n')
    .flatMap((line) => (line.startsWith('{"level"') ? [String(JSON.parse(line).message)] : []));
  expect(messages.length).toBeGreaterThan(400);
  expect(messages.filter((message) => message.length >= 1000 || /nexpected|defect/.test(message))).toEqual([]);
});
