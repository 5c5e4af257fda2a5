import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fails, handPut, holderOf, perform, SECRET, stagesIn, startService } from './stand-in.ts';

/** Fails the first time, after it took the label off its version. */
function releasesOnce() {
  let first = true;
  return startServiceWith({
    testSecret: (it, { SecretId, ClientRequestToken }) => {
      if (!first) return;
      first = false;
      it.call('UpdateSecretVersionStage', {
        SecretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: ClientRequestToken,
      });
      fails();
    },
  });
}
const startServiceWith =
  (deviations: Parameters<typeof startService>[0]) =>
  (behaviour: NonNullable<Parameters<typeof startService>[1]>['behaviour'] = {}) =>
    startService(deviations, { behaviour });

describe('pendingAfterSuccess', () => {
  it.each([
    ['kept', ['AWSCURRENT', 'AWSPENDING']],
    ['removed', ['AWSCURRENT']],
  ] as const)('%s: the promoted version has %j, and the next rotation may begin', async (setting, labels) => {
    const { service, rotate } = startServiceWith({})({ pendingAfterSuccess: setting });
    const token = rotate();
    await service.rotationSettled();
    expect(stagesIn(service)[token]).toEqual(labels);
    const next = rotate();
    await service.rotationSettled();
    expect(holderOf(service, 'AWSCURRENT')).toBe(next);
    expect(stagesIn(service)[token]).toEqual(['AWSPREVIOUS']);
  });
});

describe('restageOnRetry', () => {
  it('on: the retry stages the same version again', async () => {
    const { service, rotate } = releasesOnce()();
    const token = rotate();
    await service.rotationSettled();
    expect(holderOf(service, 'AWSPENDING')).toBeUndefined();
    await service.retryRotation(SECRET);
    expect(holderOf(service, 'AWSCURRENT')).toBe(token);
  });

  it('off: the rotation is given up', async () => {
    const { service, rotate, first, steps, notices } = releasesOnce()({ restageOnRetry: false });
    rotate();
    await service.rotationSettled();
    await service.retryRotation(SECRET);
    expect(steps()).toHaveLength(3);
    expect(stagesIn(service)).toEqual({ [first]: ['AWSCURRENT'] });
    expect(notices.at(-1)).toMatchObject({ type: 'rotationAbandoned', reason: 'unstaged' });
  });

  it('on: a label that is in use on another version is not taken from it', async () => {
    const { service, rotate, notices } = releasesOnce()();
    rotate();
    await service.rotationSettled();
    service.call('PutSecretValue', {
      SecretId: SECRET,
      SecretString: 'staged by hand',
      ClientRequestToken: randomUUID(),
      VersionStages: ['AWSPENDING'],
    });
    await service.retryRotation(SECRET);
    expect(notices.at(-1)).toMatchObject({ type: 'rotationAbandoned', reason: 'unstaged' });
  });
});

describe('pendingCreatedDate', () => {
  it.each([
    ['registered', '2026-01-01T00:00:00.000Z'],
    ['stored', '2026-01-02T00:00:00.000Z'],
  ] as const)('%s: the version was created at %s', async (setting, expected) => {
    let now = new Date('2026-01-01T00:00:00Z');
    const options = { now: () => now, behaviour: { pendingCreatedDate: setting } };
    const { service, rotate } = startService(
      {
        createSecret: (it, event) => {
          now = new Date('2026-01-02T00:00:00Z');
          perform(it, event);
        },
      },
      options,
    );
    const VersionId = rotate();
    await service.rotationSettled();
    expect(service.call('GetSecretValue', { SecretId: SECRET, VersionId }).CreatedDate?.toISOString()).toBe(expected);
  });
});

describe('rotationToken', () => {
  const behaviour = { rotationToken: true };

  it('on: each event has one of its own, and the put must pass it on', async () => {
    const { service, events, rotate } = startServiceWith({})(behaviour);
    const token = rotate();
    await service.rotationSettled();
    expect(holderOf(service, 'AWSCURRENT')).toBe(token);
    const tokens = events.map((event) => event.RotationToken);
    expect(new Set(tokens).size).toBe(4);
    for (const each of tokens) expect(each).toMatch(/^[a-zA-Z0-9-]{36,256}$/);
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { RotationToken: randomUUID() }],
  ])('on: a put to the version in rotation with %s is refused', async (_name, wrong) => {
    const { service, rotate, notices } = startServiceWith({
      createSecret: (it, event) => perform(it, { ...event, RotationToken: undefined, ...wrong } as typeof event),
    })(behaviour);
    rotate();
    await service.rotationSettled();
    expect(notices.at(-1)).toMatchObject({ type: 'rotationFailed', error: { name: 'AccessDeniedException' } });
  });

  it('on: an operator needs none for another version', async () => {
    const { service, rotate } = startServiceWith({ setSecret: (it) => handPut(it) })(behaviour);
    rotate();
    await service.rotationSettled();
    expect(service.call('GetSecretValue', { SecretId: SECRET }).SecretString).toBe('by hand');
  });

  it('off: events have none', async () => {
    const { service, events, rotate } = startServiceWith({})();
    rotate();
    await service.rotationSettled();
    expect(events.every((event) => !('RotationToken' in event))).toBe(true);
  });
});

describe('rotateWithSameToken', () => {
  it('answered: as the first time, during the rotation and after it, and nothing is started', async () => {
    const { service, steps, rotate } = startServiceWith({})();
    const token = rotate();
    expect(rotate({ ClientRequestToken: token })).toBe(token);
    await service.rotationSettled();
    expect(rotate({ ClientRequestToken: token })).toBe(token);
    await service.rotationSettled();
    expect(steps()).toHaveLength(4);
  });

  it('refused: as any other during the rotation, and as a version that exists after it', async () => {
    const { service, rotate } = startServiceWith({})({ rotateWithSameToken: 'refused' });
    const token = rotate();
    expect(() => rotate({ ClientRequestToken: token })).toThrow("A previous rotation isn't complete.");
    await service.rotationSettled();
    expect(() => rotate({ ClientRequestToken: token })).toThrow('names a version that exists');
  });
});

describe('finishedWithoutPromotion', () => {
  const deviations = { finishSecret: () => undefined };

  it('failed: it is tried again', async () => {
    const { service, rotate, notices } = startServiceWith(deviations)();
    rotate();
    await service.rotationSettled();
    expect(notices.at(-1)).toMatchObject({ type: 'rotationFailed' });
    expect(service.call('DescribeSecret', { SecretId: SECRET }).LastRotatedDate).toBeUndefined();
    await service.retryRotation(SECRET);
  });

  it('succeeded: the label that was left blocks the next rotation all the same', async () => {
    const { service, rotate, notices } = startServiceWith(deviations)({
      finishedWithoutPromotion: 'succeeded',
      pendingAfterSuccess: 'removed',
    });
    rotate();
    await service.rotationSettled();
    expect(notices.at(-1)).toMatchObject({ type: 'rotationSucceeded' });
    expect(() => rotate()).toThrow("A previous rotation isn't complete.");
  });
});

describe('promoteEmptyVersion', () => {
  const deviations = { createSecret: () => undefined };

  it('on: the label moves, and the current version has no value', async () => {
    const { service, rotate } = startServiceWith(deviations)();
    const token = rotate();
    await service.rotationSettled();
    expect(holderOf(service, 'AWSCURRENT')).toBe(token);
  });

  it('off: it is refused', async () => {
    const { service, rotate, first } = startServiceWith(deviations)({ promoteEmptyVersion: false });
    rotate();
    await service.rotationSettled();
    expect(holderOf(service, 'AWSCURRENT')).toBe(first);
  });
});

describe('updateWithKnownToken', () => {
  it('ignored: the same value again does nothing; refused: it is an error', () => {
    const ignoring = startServiceWith({})();
    const refusing = startServiceWith({})({ updateWithKnownToken: 'refused' });
    const again = (first: string) => ({ SecretId: SECRET, SecretString: 'first', ClientRequestToken: first });
    const { VersionId } = ignoring.service.call('UpdateSecret', again(ignoring.first));
    expect(VersionId).toBe(ignoring.first);
    expect(() => refusing.service.call('UpdateSecret', again(refusing.first))).toThrow(
      expect.objectContaining({ code: 'ResourceExistsException' }),
    );
  });
});
