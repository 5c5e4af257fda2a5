import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { createSecretsManagerService } from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import {
  FUNCTION_ARN,
  fails,
  handPut,
  holderOf,
  perform,
  rotateSecret,
  SECRET,
  stagesIn,
  startService,
} from './stand-in.ts';

const describeIt = (service: ReturnType<typeof startService>['service']) =>
  service.call('DescribeSecret', { SecretId: SECRET });
const types = (notices: { type: string }[]) => notices.map((notice) => notice.type);

describe('a rotation', () => {
  it('answers before the first step, then runs the four steps in order with the same event but for the step', async () => {
    const { service, events, rotate } = startService();
    const token = rotate();
    expect(events).toEqual([]);
    expect(stagesIn(service)[token]).toEqual(['AWSPENDING']);
    await service.rotationSettled();
    const SecretId = describeIt(service).ARN;
    expect(events).toEqual(
      ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((Step) => ({
        Step,
        SecretId,
        ClientRequestToken: token,
      })),
    );
    expect(service.call('GetSecretValue', { SecretId: SECRET }).SecretString).toBe(`value of ${token}`);
  });

  it('invokes the function that is configured', async () => {
    const invoke = vi.fn(async () => undefined);
    const service = createSecretsManagerService({ invoke });
    service.call('CreateSecret', { Name: SECRET });
    rotateSecret(service, { RotationLambdaARN: `${FUNCTION_ARN}-2` });
    await service.rotationSettled();
    expect(invoke).toHaveBeenCalledWith(`${FUNCTION_ARN}-2`, expect.anything());
  });

  it('takes any returned value for success, whatever it says', async () => {
    const { service, steps, rotate } = startService({ setSecret: () => ({ statusCode: 500, body: 'error' }) });
    const token = rotate();
    await service.rotationSettled();
    expect(steps()).toHaveLength(4);
    expect(holderOf(service, 'AWSCURRENT')).toBe(token);
  });

  it.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const)(
    'stops at %s when it throws, and leaves AWSCURRENT and AWSPENDING where they are',
    async (step) => {
      const { service, steps, rotate, first, notices } = startService({ [step]: fails });
      const token = rotate();
      await service.rotationSettled();
      expect(steps().at(-1)).toBe(step);
      expect(stagesIn(service)).toEqual({ [first]: ['AWSCURRENT'], [token]: ['AWSPENDING'] });
      expect(notices.slice(-2)).toMatchObject([
        { type: 'stepFailed', step, error: { name: 'TypeError', message: 'told to fail' } },
        { type: 'rotationFailed', error: { name: 'TypeError', message: 'told to fail' } },
      ]);
      expect(() => rotate()).toThrow("A previous rotation isn't complete. That rotation will be reattempted.");
    },
  );

  it('is tried again with the same token, from the first step', async () => {
    let failures = 1;
    const { service, events, rotate, notices } = startService({
      testSecret: () => {
        if (failures-- > 0) fails();
      },
    });
    const token = rotate();
    await service.rotationSettled();
    await service.retryRotation(SECRET);
    expect(events.map((event) => event.Step)).toEqual([
      'createSecret',
      'setSecret',
      'testSecret',
      'createSecret',
      'setSecret',
      'testSecret',
      'finishSecret',
    ]);
    expect(new Set(events.map((event) => event.ClientRequestToken))).toEqual(new Set([token]));
    expect(holderOf(service, 'AWSCURRENT')).toBe(token);
    expect(notices.at(-1)).toMatchObject({ type: 'rotationSucceeded', attempt: 2 });
  });

  it('is tried again by itself after retryAfterMs, maxRetries times', async () => {
    vi.useFakeTimers();
    try {
      const { service, steps, rotate } = startService({ createSecret: fails }, { retryAfterMs: 1000, maxRetries: 2 });
      rotate();
      await vi.advanceTimersByTimeAsync(999);
      await service.rotationSettled();
      expect(steps()).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(steps()).toHaveLength(2);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(steps()).toHaveLength(3);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not tried again by itself once it was cancelled, and no timer is left behind', async () => {
    vi.useFakeTimers();
    try {
      const { service, steps, rotate } = startService({ createSecret: fails }, { retryAfterMs: 1000 });
      rotate();
      await service.rotationSettled();
      service.call('CancelRotateSecret', { SecretId: SECRET });
      expect(vi.getTimerCount()).toBe(0);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(steps()).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('has nothing to retry unless it failed', async () => {
    const { service, rotate } = startService();
    await expect(service.retryRotation(SECRET)).rejects.toThrow('has no failed rotation to retry');
    rotate();
    await expect(service.retryRotation(SECRET)).rejects.toThrow('has no failed rotation to retry');
    await expect(service.retryRotation('no-such-secret')).rejects.toThrow("can't find the specified secret");
  });

  it('sets LastRotatedDate and moves NextRotationDate only when it succeeded', async () => {
    let now = new Date('2026-03-01T10:00:00Z');
    let failing = false;
    const { service, rotate } = startService({ setSecret: () => failing && fails() }, { now: () => now });
    rotate();
    expect(describeIt(service).LastRotatedDate).toBeUndefined();
    await service.rotationSettled();
    expect(describeIt(service).LastRotatedDate).toEqual(now);
    expect(describeIt(service).NextRotationDate).toEqual(new Date('2026-03-31T23:59:59Z'));

    now = new Date('2026-04-02T10:00:00Z');
    failing = true;
    const request = { SecretId: SECRET, ClientRequestToken: randomUUID() };
    service.call('RotateSecret', request);
    await service.rotationSettled();
    expect(describeIt(service).NextRotationDate).toEqual(new Date('2026-03-31T23:59:59Z'));

    failing = false;
    await service.retryRotation(SECRET);
    expect(describeIt(service).LastRotatedDate).toEqual(now);
    expect(describeIt(service).NextRotationDate).toEqual(new Date('2026-05-02T23:59:59Z'));
  });

  it('shows the interval of a schedule in days once it succeeded, as the service does', async () => {
    const now = () => new Date('2026-09-07T18:14:58.832Z');
    const { service, rotate } = startService({}, { now });
    rotate({ RotationRules: { ScheduleExpression: 'cron(0 0 ? * 2 *)' } });
    expect(describeIt(service).RotationRules).toEqual({ ScheduleExpression: 'cron(0 0 ? * 2 *)' });
    await service.rotationSettled();
    expect(describeIt(service)).toMatchObject({
      RotationRules: { ScheduleExpression: 'cron(0 0 ? * 2 *)', AutomaticallyAfterDays: 7 },
      NextRotationDate: new Date('2026-09-14T23:59:59Z'),
    });
  });

  it('is refused where there is no function to invoke, and configures nothing', () => {
    const service = createSecretsManagerService();
    service.call('CreateSecret', { Name: SECRET });
    expect(() => rotateSecret(service)).toThrow('Secrets Manager cannot invoke the specified Lambda function.');
    expect(describeIt(service).RotationEnabled).toBeUndefined();
  });

  it('starts no further step once the service is closed', async () => {
    const { service, steps, rotate } = startService({ createSecret: (it) => it.close() });
    rotate();
    await service.rotationSettled();
    expect(steps()).toEqual(['createSecret']);
  });

  it('runs beside the rotation of another secret', async () => {
    const { service, rotate } = startService({}, {});
    service.call('CreateSecret', { Name: 'another' });
    rotate();
    service.call('RotateSecret', {
      SecretId: 'another',
      RotationLambdaARN: FUNCTION_ARN,
      ClientRequestToken: randomUUID(),
    });
    await service.rotationSettled();
    expect(describeIt(service).LastRotatedDate).toBeDefined();
  });
});

describe('the test that RotateImmediately: false asks for', () => {
  it('runs testSecret alone on a pending copy of the current value, and removes the version', async () => {
    const seen: unknown[] = [];
    const { service, steps, rotate, first, notices } = startService({
      testSecret: (it, { SecretId, ClientRequestToken }) => {
        seen.push(stagesIn(it), it.call('GetSecretValue', { SecretId, VersionId: ClientRequestToken }).SecretString);
      },
    });
    const token = rotate({ RotateImmediately: false });
    await service.rotationSettled();
    expect(steps()).toEqual(['testSecret']);
    expect(seen).toEqual([{ [first]: ['AWSCURRENT'], [token]: ['AWSPENDING'] }, 'first']);
    const all = service.call('ListSecretVersionIds', { SecretId: SECRET, IncludeDeprecated: true });
    expect(all.Versions?.map((version) => version.VersionId)).toEqual([first]);
    expect(describeIt(service)).toMatchObject({ RotationEnabled: true, LastRotatedDate: undefined });
    expect(notices.at(-1)).toMatchObject({ type: 'rotationSucceeded', kind: 'test' });
  });

  it('removes the version when it failed too, and lets the next rotation begin', async () => {
    const { service, rotate, first, notices } = startService({ testSecret: fails });
    rotate({ RotateImmediately: false });
    await service.rotationSettled();
    expect(stagesIn(service)).toEqual({ [first]: ['AWSCURRENT'] });
    expect(notices.at(-1)).toMatchObject({ type: 'rotationFailed', kind: 'test' });
    expect(() => rotate()).not.toThrow();
  });
});

describe('what an operator does in the middle of a rotation', () => {
  it.each([
    ['PutSecretValue', (it: Parameters<typeof handPut>[0]) => handPut(it)],
    [
      'UpdateSecret with a value',
      (it: Parameters<typeof handPut>[0]) =>
        `${it.call('UpdateSecret', { SecretId: SECRET, SecretString: 'by hand', ClientRequestToken: randomUUID() }).VersionId}`,
    ],
  ])('%s takes AWSPENDING off, and no further step is started', async (_name, replace) => {
    let byHand = '';
    const { service, steps, rotate, first, notices } = startService({
      setSecret: (it) => {
        byHand = replace(it);
      },
    });
    rotate();
    await service.rotationSettled();
    expect(steps()).toEqual(['createSecret', 'setSecret']);
    expect(stagesIn(service)).toEqual({ [first]: ['AWSPREVIOUS'], [byHand]: ['AWSCURRENT'] });
    expect(notices.find((notice) => notice.type === 'rotationAbandoned')).toMatchObject({ reason: 'valueReplaced' });
    expect(types(notices)).not.toContain('rotationFailed');
    await expect(service.retryRotation(SECRET)).rejects.toThrow('no failed rotation');
  });

  it('a step that throws after that is no failure of the rotation', async () => {
    const { service, rotate, notices } = startService({
      setSecret: (it) => {
        handPut(it);
        fails();
      },
    });
    rotate();
    await service.rotationSettled();
    expect(types(notices).slice(-2)).toEqual(['rotationAbandoned', 'stepFailed']);
    await expect(service.retryRotation(SECRET)).rejects.toThrow('no failed rotation');
  });

  it('a value put by hand ends a rotation that waits to be tried again', async () => {
    const { service, rotate } = startService({ createSecret: fails });
    rotate();
    await service.rotationSettled();
    handPut(service);
    expect(holderOf(service, 'AWSPENDING')).toBeUndefined();
    await expect(service.retryRotation(SECRET)).rejects.toThrow('no failed rotation');
  });

  it('a value put by hand counts as a rotation when the next date is computed', async () => {
    let now = new Date('2026-03-01T10:00:00Z');
    const { service, rotate } = startService({}, { now: () => now });
    rotate();
    await service.rotationSettled();
    now = new Date('2026-03-11T10:00:00Z');
    handPut(service);
    expect(describeIt(service).NextRotationDate).toEqual(new Date('2026-04-10T23:59:59Z'));
    expect(describeIt(service).LastRotatedDate).toEqual(new Date('2026-03-01T10:00:00Z'));
  });

  it('UpdateSecret without a value lets it go on', async () => {
    const { service, steps, rotate } = startService({
      setSecret: (it) => it.call('UpdateSecret', { SecretId: SECRET, Description: 'described' }),
    });
    rotate();
    await service.rotationSettled();
    expect(steps()).toHaveLength(4);
  });

  it('CancelRotateSecret leaves AWSPENDING where it is, and no further step is started', async () => {
    const { service, steps, rotate, first, notices } = startService({
      setSecret: (it) => it.call('CancelRotateSecret', { SecretId: SECRET }),
    });
    const token = rotate();
    await service.rotationSettled();
    expect(steps()).toEqual(['createSecret', 'setSecret']);
    expect(stagesIn(service)).toEqual({ [first]: ['AWSCURRENT'], [token]: ['AWSPENDING'] });
    expect(describeIt(service).RotationEnabled).toBe(false);
    expect(notices.find((notice) => notice.type === 'rotationAbandoned')).toMatchObject({ reason: 'cancelled' });
    expect(() => rotate()).toThrow("A previous rotation isn't complete.");
    service.call('UpdateSecretVersionStage', {
      SecretId: SECRET,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: token,
    });
    expect(() => rotate()).not.toThrow();
    expect(describeIt(service).RotationEnabled).toBe(true);
  });

  it('a deletion ends it', async () => {
    const { service, steps, rotate, notices } = startService({
      createSecret: (it) => it.call('DeleteSecret', { SecretId: SECRET }),
    });
    rotate();
    await service.rotationSettled();
    expect(steps()).toEqual(['createSecret']);
    expect(notices.find((notice) => notice.type === 'rotationAbandoned')).toMatchObject({ reason: 'deleted' });
  });

  it('a label that was taken off lets a new rotation begin, which replaces the one that failed', async () => {
    let failing = true;
    const { service, rotate, notices } = startService({
      testSecret: (it, { SecretId, ClientRequestToken }) => {
        if (!failing) return;
        failing = false;
        it.call('UpdateSecretVersionStage', {
          SecretId,
          VersionStage: 'AWSPENDING',
          RemoveFromVersionId: ClientRequestToken,
        });
        fails();
      },
    });
    const given = rotate();
    await service.rotationSettled();
    const next = rotate();
    await service.rotationSettled();
    expect(notices.find((notice) => notice.type === 'rotationAbandoned')).toMatchObject({
      versionId: given,
      reason: 'superseded',
    });
    expect(holderOf(service, 'AWSCURRENT')).toBe(next);
  });
});

describe('notices of a rotation', () => {
  it('tell each step with its labels and duration, in order', async () => {
    let clock = 0;
    const { service, first, rotate, notices } = startService(
      {
        createSecret: (it, event) => {
          clock += 250;
          perform(it, event);
        },
      },
      { now: () => new Date(clock) },
    );
    const token = rotate();
    await service.rotationSettled();
    expect(types(notices)).toEqual([
      'rotationStarted',
      ...Array.from({ length: 4 }, () => ['stepStarted', 'stepSucceeded']).flat(),
      'rotationSucceeded',
    ]);
    expect(notices[0]).toMatchObject({
      secretName: SECRET,
      secretArn: describeIt(service).ARN,
      versionId: token,
      kind: 'rotation',
      attempt: 1,
      versionIdsToStages: { [first]: ['AWSCURRENT'], [token]: ['AWSPENDING'] },
    });
    expect(notices[2]).toMatchObject({ step: 'createSecret', durationMs: 250 });
    expect(notices.at(-1)).toMatchObject({ durationMs: 250 });
    expect(notices.at(-1)?.versionIdsToStages[token]).toContain('AWSCURRENT');
  });

  it('hold no value and no rotation token', async () => {
    const { service, events, rotate, notices } = startService({}, { behaviour: { rotationToken: true } });
    const token = rotate();
    await service.rotationSettled();
    const told = JSON.stringify(notices);
    expect(told).not.toContain(`value of ${token}`);
    for (const event of events) expect(told).not.toContain(event.RotationToken);
  });

  it('end with the subscription', async () => {
    const { service, rotate } = startService();
    const listener = vi.fn();
    service.events.subscribe(listener)();
    rotate();
    await service.rotationSettled();
    expect(listener).not.toHaveBeenCalled();
  });
});
