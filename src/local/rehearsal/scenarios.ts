import type { RotationStep } from '../secrets-manager/local-secrets-manager.ts';
import { managementScenarios } from './management-scenarios.ts';
import { storeByHand } from './operator.ts';
import type { Continuation, Scenario, World } from './scenario.ts';

const throttled = { kind: 'error', error: { code: 'ThrottlingException', message: 'Rate exceeded' } } as const;
const exhausted = { code: 'RESOURCE_EXHAUSTED', status: 429 } as const;
const unavailable = { code: 'UNAVAILABLE', status: 500 } as const;
const unauthenticated = { kind: 'error', error: { code: 'UNAUTHENTICATED' } } as const;

const retry: Continuation = {
  says: 'Secrets Manager tries the rotation again later, with the same version.',
  by: 'retry',
};

const mend: Continuation = {
  says: 'An operator does what the message says: stores a fresh key. Then the key is rotated again.',
  first: storeFreshKey,
  by: 'rotate',
};

export const scenarios: Record<string, () => Scenario> = {
  throttled: () => ({
    title: 'Secrets Manager and Momento throttle',
    arrange(world) {
      const { secretsManager, momento } = world.standIns;
      whenStepStarts(world, 'createSecret', () => {
        secretsManager.faults.add(
          { call: 'GetSecretValue', mishap: throttled, times: 3 },
          { call: 'PutSecretValue', mishap: throttled, times: 2 },
          { call: 'UpdateSecretVersionStage', mishap: throttled },
        );
      });
      failIssuing(world, exhausted, 1);
      momento.faults.add({ call: 'Get', mishap: { kind: 'error', error: exhausted } });
    },
  }),

  'lost-answer': () => ({
    title: 'The answer to the put is lost: the new key is stored, and the function is not told',
    arrange({ standIns: { secretsManager } }) {
      secretsManager.faults.add({ call: 'PutSecretValue', at: 'after', mishap: { kind: 'disconnect' } });
    },
  }),

  'momento-down': () => ({
    title: 'Momento is down for a while',
    options: { lambda: { timeoutMs: 5000 } },
    arrange: (world) => failIssuing(world, unavailable, Number.POSITIVE_INFINITY),
    afterFailure: [
      {
        says: `Momento is back. ${retry.says}`,
        first({ standIns: { momento } }) {
          momento.faults.clear();
          momento.apiKeysFaults.clear();
        },
        by: 'retry',
      },
    ],
  }),

  'key-refused': () => ({
    title: 'Momento refuses the new key, and goes on refusing it',
    arrange({ standIns: { momento } }) {
      momento.faults.add({ call: 'Get', mishap: unauthenticated, times: 4 });
    },
    afterFailure: [{ says: 'AWSPENDING is off the bad version: the next rotation starts clean.', by: 'rotate' }],
  }),

  'key-expired': () => {
    let clockOffsetMs = 0;
    return {
      title: 'The current key has expired, and an expired key cannot be refreshed',
      keys: ['v1'],
      currentKeyIsDead: true,
      options: { momento: { now: () => new Date(Date.now() + clockOffsetMs) } },
      async arrange(world) {
        clockOffsetMs = -2 * 3_600_000;
        const expired = world.standIns.momento.issueKey({ validForSeconds: 3600 });
        clockOffsetMs = 0;
        await storeByHand(world, world.secretId, expired.secretString);
      },
      afterFailure: [mend],
    };
  },

  'function-killed': () => ({
    title: 'The function is killed while it holds a new key that it has not stored yet',
    arrange: killAfterIssue,
    afterFailure: [retry],
  }),

  'token-spent': () => ({
    title: 'The function is killed like that, and Momento lets a refresh token be used only once',
    keys: ['v1'],
    options: { momento: { behaviour: { refreshTokenReuse: 'refused' } } },
    arrange: killAfterIssue,
    afterFailure: [retry, mend],
  }),

  operator: () => ({
    title: 'An operator stores a key of their own in the middle of the rotation',
    arrange: (world) => whenStepStarts(world, 'testSecret', () => void storeFreshKey(world)),
    afterFailure: [{ says: "The operator's key is current, and is what the next rotation starts from.", by: 'rotate' }],
  }),

  ...managementScenarios,
};

/** Everything by which a successor is issued fails, so many times each. */
function failIssuing(
  { key, standIns: { momento } }: World,
  error: typeof exhausted | typeof unavailable,
  times: number,
): void {
  for (const call of key.issuingCalls) {
    const fault = { call, mishap: { kind: 'error', error }, times } as const;
    if (call === 'RefreshApiToken') momento.faults.add(fault);
    else momento.apiKeysFaults.add(fault);
  }
}

/** The first time that it does. */
function whenStepStarts({ standIns: { secretsManager } }: World, step: RotationStep, act: () => void): void {
  const unsubscribe = secretsManager.subscribe((event) => {
    if (event.type !== 'stepStarted' || event.step !== step) return;
    unsubscribe();
    act();
  });
}

function killAfterIssue({ key, standIns: { momento, lambda } }: World): void {
  const unsubscribe = momento.subscribe(({ rpc }) => {
    if (rpc !== key.issuingCalls.at(-1)) return;
    unsubscribe();
    lambda.kill();
  });
}

function storeFreshKey(world: World): Promise<void> {
  return storeByHand(world, world.secretId, world.key.issue(world.standIns.momento));
}
