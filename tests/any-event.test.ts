import fc from 'fast-check';
import { expect, test } from 'vitest';
import { momentoApiKey } from '../../src/momento/momento-api-key.ts';
import { startBudget } from '../../src/rotation/budget.ts';
import { checkSecrets } from '../../src/rotation/check.ts';
import { confirming } from '../../src/rotation/confirmed.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import { readEvent } from '../../src/rotation/event.ts';
import { revokeDue } from '../../src/rotation/revoke-due.ts';
import { rotateNow } from '../../src/rotation/rotate-now.ts';
import type { Task } from '../../src/rotation/rotation.ts';
import { steps } from '../../src/rotation/steps.ts';
import { anyEvent } from './arbitrary-event.ts';
import { storeOf } from './store-in-memory.ts';

/** Whatever somebody invokes the function with, it does its work, or says what is wrong. */

const apiKey = Buffer.from('{"endpoint":"cell.momentohq.com","api_key":"inner"}').toString('base64');
const value = JSON.stringify({ apiKey, refreshToken: 'refresh', validUntil: 4_000_000_000 });
const secretId = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a/secret-AbCdEf';

async function handle(event: unknown): Promise<void> {
  const request = readEvent(event, () => false);
  const versions = new Map([
    ['current', { value, stages: ['AWSCURRENT'] }],
    ['pending', { value, stages: ['AWSPENDING'] }],
  ]);
  const task = (id: string, versionId?: string): Task => ({
    secretId: id,
    store: confirming(storeOf(versions), { secretId: id, versionId }, () => {}),
    kind: { ...momentoApiKey()(id), ping: async () => ({ kind: 'accepted' }) },
    budget: startBudget({ now: () => 1_900_000_000_000, random: () => 0, sleep: async () => {} }, 30_000),
    overlapMs: 3_600_000,
    revokesFirstKey: false,
    schedule: undefined,
    report: { warn: () => {}, measure: () => {} },
  });
  switch (request.kind) {
    case 'step': {
      const { step, versionId, rotationToken } = request;
      await steps[step]({ ...task(request.secretId, versionId), versionId, rotationToken, memory: {} });
      return;
    }
    case 'rotate': {
      const { store, budget } = task(request.secretId);
      await rotateNow(store, request.secretId, budget);
      return;
    }
    case 'check':
      return checkSecrets(task, request.secretIds, { found: () => {}, failed: () => {} });
    case 'revoke':
      await revokeDue(task(request.secretId));
  }
}

test('5,000 events, none of which ends in an error that nobody can act on', async () => {
  let done = 0;
  const event = anyEvent({ secretId, versionId: 'pending', name: 'a/secret' });
  await fc.assert(
    fc.asyncProperty(event, async (each) => {
      try {
        await handle(each);
        done += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(RotationError);
        const { message } = error as RotationError;
        expect(message).not.toMatch(/nexpected|defect/);
        expect(message.length).toBeLessThan(1000);
      }
    }),
    { numRuns: 5000, seed: 12 },
  );
  expect(done).toBeGreaterThan(100);
});
