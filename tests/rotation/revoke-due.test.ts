import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { createSandbox } from '../sandbox.ts';
import { ADMIN_SECRET, DAY, startV2, type V2Stage } from './v2-stage.ts';

/** As the operator's, except that Secrets Manager tells no date of the last change. */
function withoutChangeDate({ operator }: V2Stage): SecretsManagerClient {
  const send = async (command: DescribeSecretCommand) => {
    const answer = await operator.send(command);
    return command instanceof DescribeSecretCommand ? { ...answer, LastChangedDate: undefined } : answer;
  };
  return { send } as unknown as SecretsManagerClient;
}

test('where nobody knows when something was changed last, the event revokes nothing that was current', async () => {
  const stage = await startV2();
  const { secretId, momento, now } = stage;
  for (let rotation = 0; rotation < 3; rotation += 1) {
    expect((await stage.rotate()).error).toBeUndefined();
    stage.pass(DAY);
  }
  const live = stage.liveKeys();
  const settings = { apiKeysEndpoint: momento.apiKeysEndpoint, adminSecrets: [ADMIN_SECRET], roleId: 'operator' };
  const sandbox = createSandbox(withoutChangeDate(stage), { momento: { hosts: ['127.0.0.1'], ...settings }, now });
  expect(await sandbox.revokeRetired(secretId)).toBe('nothing to revoke');
  expect(stage.liveKeys()).toEqual(live);

  expect(await stage.revokeRetired()).toBe('revoked');
  expect(stage.liveKeys()).toHaveLength(live.length - 1);
});

test('a secret for which no role is configured is not rotated, and a human is told which setting says it', async () => {
  const stage = await startV2({ settings: { roleId: undefined } });
  const { error } = await stage.rotate();
  expect(error).toMatchObject({ failure: 'operator', message: expect.stringContaining('No role is configured') });
  expect(error?.message).not.toContain('cannot be rotated');
});
