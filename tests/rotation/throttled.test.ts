import { AllCaches, DisposableTokenScopes, ExpiresIn } from '@gomomento/sdk';
import { expect, test } from 'vitest';
import { type Harness, startHarness } from '../harness.ts';
import { authClient, verdict } from '../local/momento/sdk.ts';

/** As many as an account may make in a second. */
const OPERATIONS = 5;

/** A rotation under way, and a Momento whose clock the test moves. */
async function start(refreshesCount: boolean) {
  let time = Date.now();
  const harness = await startHarness({ momento: { now: () => new Date(time), behaviour: { refreshesCount } } });
  const pass = (ms: number) => {
    time += ms;
  };
  return { harness, pass };
}

/** Somebody vends tokens with the current key, until no more auth operation is let through. */
async function vendAll({ momento, value, firstVersionId, callsSince }: Harness): Promise<void> {
  const vending = authClient(momento, `${(await value(firstVersionId))?.['apiKey']}`);
  const scope = DisposableTokenScopes.cacheReadOnly(AllCaches);
  const vend = async () => verdict(await vending.generateDisposableToken(scope, ExpiresIn.minutes(1)));
  for (let vended = 0; vended < OPERATIONS; vended += 1) expect(await vend()).toBe('Success');
  expect(await vend()).toBe('LIMIT_EXCEEDED_ERROR');
  callsSince();
}

const refreshes = ({ momento }: Harness) =>
  momento.calls.filter(({ rpc }) => rpc === 'RefreshApiToken').map(({ outcome }) => outcome);

test('a refresh in the second in which five tokens were vended is made again, when that second is over', async () => {
  const { harness, pass } = await start(true);
  await vendAll(harness);
  const pauses: number[] = [];
  const sandbox = harness.sandbox({
    onSleep(ms) {
      pauses.push(ms);
      pass(ms);
    },
  });

  expect(await sandbox.run('createSecret')).toBe('issued');
  expect(refreshes(harness)).toEqual(['RESOURCE_EXHAUSTED', 'OK']);
  expect(pauses).toEqual([1500]);
  expect(sandbox.warnings).toEqual([]);
});

test('one that is throttled three times more fails the step for now, and the retry of the service succeeds', async () => {
  const { harness, pass } = await start(true);
  await vendAll(harness);
  const { versionId, momento } = harness;
  const pauses: number[] = [];

  await expect(harness.sandbox({ onSleep: (ms) => pauses.push(ms) }).run('createSecret')).rejects.toMatchObject({
    failure: 'transient',
    message: 'Momento did not issue a successor of the current key (LIMIT_EXCEEDED_ERROR).',
  });
  // A minute is left, but waiting is billed.
  expect(refreshes(harness)).toEqual(Array(4).fill('RESOURCE_EXHAUSTED'));
  expect(pauses).toEqual([1500, 1500, 1500]);
  expect((await harness.labels())[versionId]).toEqual(['AWSPENDING']);
  expect(await harness.value()).toBeUndefined();

  pass(1000);
  expect(await harness.sandbox().run('createSecret')).toBe('issued');
  expect(momento.isValid(`${(await harness.value())?.['apiKey']}`)).toBe(true);
});

test('while it waits, another sandbox may be let through: its successor is the one', async () => {
  const { harness, pass } = await start(true);
  await vendAll(harness);
  const other = harness.sandbox();
  const sandbox = harness.sandbox({
    async onSleep(ms) {
      pass(ms);
      await other.run('createSecret');
    },
  });
  harness.momento.faults.add({
    call: 'RefreshApiToken',
    mishap: { kind: 'error', error: { code: 'RESOURCE_EXHAUSTED' } },
    skip: 2,
  });

  expect(await sandbox.run('createSecret')).toBe('already issued elsewhere');
  expect(refreshes(harness)).toEqual(['RESOURCE_EXHAUSTED', 'OK', 'RESOURCE_EXHAUSTED']);
});

test('none is throttled where refreshes do not count', async () => {
  const { harness } = await start(false);
  await vendAll(harness);

  expect(await harness.sandbox().run('createSecret')).toBe('issued');
  expect(refreshes(harness)).toEqual(['OK']);
});
