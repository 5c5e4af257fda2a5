import { describe, expect, test } from 'vitest';
import { type Stage, type Step, startStage } from './stage.ts';

const STEPS: Step[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** The state that every rotation ends in, however it came about. */
async function expectRotated({ labels, valueText, momento, versionId, firstVersionId }: Stage): Promise<void> {
  expect(await labels()).toEqual({
    [firstVersionId]: ['AWSPREVIOUS'],
    [versionId]: expect.arrayContaining(['AWSCURRENT']),
  });
  const keys = [firstVersionId, versionId]
    .map((id) => valueText(id))
    .map((text) => JSON.parse(text as string).apiKey as string);
  expect(new Set(keys).size).toBe(2);
  for (const key of keys) expect(momento.isValid(key)).toBe(true);
}

const settings = [
  { refreshTokenReuse: 'allowed', pendingCreatedDate: 'stored' },
  { refreshTokenReuse: 'refused', pendingCreatedDate: 'registered' },
] as const;

describe.each(settings)('refresh tokens: reuse $refreshTokenReuse; dates: $pendingCreatedDate', (setting) => {
  const start = () =>
    startStage({
      momento: { behaviour: { refreshTokenReuse: setting.refreshTokenReuse } },
      behaviour: { pendingCreatedDate: setting.pendingCreatedDate },
    });

  test('each step twice', async () => {
    const stage = await start();
    for (const step of STEPS) {
      await stage.step(step);
      await stage.step(step);
    }
    await expectRotated(stage);
  });

  test('all steps again in another process, after the rotation', async () => {
    const stage = await start();
    for (const step of STEPS) await stage.step(step);
    for (const step of STEPS) await stage.step(step, stage.lambdas[1]);
    await expectRotated(stage);
  });

  test('each step in two processes at once', async () => {
    const stage = await start();
    for (const step of STEPS) await Promise.all(stage.lambdas.map((lambda) => stage.step(step, lambda)));
    await expectRotated(stage);
  });
});

/** Kills the function at a call: when it has arrived and had its effect, before its answer. */
const deaths: [name: string, step: Step, arrange: (stage: Stage) => void][] = [
  ['createSecret, at its reads', 'createSecret', (stage) => dieAt(stage, 'GetSecretValue')],
  ['createSecret, with the new key in hand', 'createSecret', dieAtRefresh],
  ['createSecret, before the put', 'createSecret', (stage) => dieAt(stage, 'PutSecretValue', 'before')],
  ['createSecret, after the put', 'createSecret', (stage) => dieAt(stage, 'PutSecretValue', 'after')],
  ['testSecret, at its read', 'testSecret', (stage) => dieAt(stage, 'GetSecretValue')],
  ['finishSecret, before the move', 'finishSecret', (stage) => dieAt(stage, 'UpdateSecretVersionStage', 'before')],
  ['finishSecret, after the move', 'finishSecret', (stage) => dieAt(stage, 'UpdateSecretVersionStage', 'after')],
];

/** The call is never answered, and the process is killed as soon as the stand-in has it. */
function dieAt({ secretsManager, lambdas }: Stage, call: string, at: 'before' | 'after' = 'before'): void {
  secretsManager.faults.add({ call, at, mishap: { kind: 'silence' } });
  const unsubscribe = secretsManager.subscribe((event) => {
    if (event.type !== 'call' || event.call.action !== call) return;
    unsubscribe();
    lambdas[0].kill();
  });
}

function dieAtRefresh({ momento, lambdas }: Stage): void {
  const unsubscribe = momento.subscribe(({ rpc }) => {
    if (rpc !== 'RefreshApiToken') return;
    unsubscribe();
    lambdas[0].kill();
  });
}

describe('the rotation is completed by the next try, after a death in', () => {
  test.each(deaths)('%s', async (_, dying, arrange) => {
    const stage = await startStage();
    for (const step of STEPS) {
      if (step === dying) {
        arrange(stage);
        await expect(stage.step(step)).rejects.toMatchObject({ errorType: 'Runtime.ExitError' });
        break;
      }
      await stage.step(step);
    }

    for (const step of STEPS) await stage.step(step);
    await expectRotated(stage);
  });
});
