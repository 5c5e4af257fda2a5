import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confirming } from '../src/aws/confirmed.ts';
import { eventReader } from '../src/event.ts';
import { checkSecrets, type HealthTask } from '../src/health.ts';
import { momentoApiKey } from '../src/momento/momento-api-key.ts';
import { runRevocations } from '../src/revocation-run.ts';
import { type Budget, startBudget } from '../src/rotation/budget.ts';
import { RotationError } from '../src/rotation/errors.ts';
import { rotateNow } from '../src/rotation/rotate-now.ts';
import { openSecret } from '../src/rotation/secret.ts';
import { steps } from '../src/rotation/steps.ts';
import { anyEvent } from './rotation/arbitrary-event.ts';
import { storeOf } from './rotation/store-in-memory.ts';

/** Whatever somebody invokes the function with, it does its work, or says what is wrong. */

const readEvent = eventReader(() => false);
const apiKey = Buffer.from('{"endpoint":"cell.momentohq.com","api_key":"inner"}').toString('base64');
const value = JSON.stringify({ apiKey, refreshToken: 'refresh', validUntil: 4_000_000_000 });
const secretId = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a/secret-AbCdEf';

/** Momento's, except that every ping is answered. */
function kindOf(id: string) {
  const kind = momentoApiKey()(id);
  const read: typeof kind.read = (text) => ({ ...kind.read(text), ping: async () => ({ kind: 'accepted' }) });
  return { ...kind, read };
}

async function handle(event: unknown): Promise<void> {
  const request = readEvent(event);
  const versions = new Map([
    ['current', { value, stages: ['AWSCURRENT'] }],
    ['pending', { value, stages: ['AWSPENDING'] }],
  ]);
  const storeFor = (id: string, versionId?: string) =>
    confirming(storeOf(versions), { secretId: id, versionId }, () => {});
  const report = { warn: () => {}, measure: () => {} };
  const budget = startBudget({ now: () => 1_900_000_000_000, random: () => 0, sleep: async () => {} }, 30_000);
  const batchOf = (field: string, secretIds: readonly string[]) => ({ field, secretIds, budget, onProblem: () => {} });
  const taskOf = (id: string, share: Budget): HealthTask => ({
    secret: openSecret(storeFor(id), id, share),
    kind: kindOf(id),
    report,
    overlapMs: 3_600_000,
    revokesFirstKey: false,
    revokesOnSchedule: false,
  });
  switch (request.kind) {
    case 'step': {
      const { step, secretId: id, versionId, rotationToken } = request;
      const store = storeFor(id, versionId);
      const task = { secretId: id, versionId, rotationToken, store, kind: kindOf(id), budget, memory: {}, report };
      await steps[step](task);
      return;
    }
    case 'rotate':
      await rotateNow(storeFor(request.secretId), request.secretId, budget);
      return;
    case 'check':
      return checkSecrets(batchOf('CheckSecrets', request.secretIds), taskOf);
    case 'revoke':
      await runRevocations({ ...batchOf('RevokeRetiredKeys', request.secretIds), report, notBegun: new Set() }, taskOf);
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
