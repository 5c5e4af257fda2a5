import { expect, it } from 'vitest';
import { actions } from '../../../src/local/secrets-manager/actions/actions.ts';
import { awsCli, hasCli } from './aws-cli.ts';
import { FUNCTION_ARN, SECRET, startLocal } from './stand-in.ts';

it.skipIf(!hasCli)('the AWS CLI performs every action, and reads every answer', { timeout: 300_000 }, async () => {
  const { server } = await startLocal({ invoke: () => new Promise(() => {}) });
  const run = awsCli(server);
  const used = new Set<string>();
  const aws = (command: string, ...args: string[]) => {
    used.add(command);
    return run(command, ...args);
  };
  const of = ['--secret-id', SECRET];
  const elsewhere = ['--region', 'eu-west-1'];

  const created = await aws('create-secret', '--name', SECRET, '--secret-string', '1', '--tags', 'Key=k,Value=v');
  expect(created).toEqual({ ARN: expect.any(String), Name: SECRET, VersionId: expect.any(String) });
  const put = await aws('put-secret-value', ...of, '--secret-string', '2', '--version-stages', 'mine', 'AWSPENDING');
  expect(put.VersionStages).toEqual(['AWSPENDING', 'mine']);
  await aws(
    'update-secret-version-stage',
    ...[...of, '--version-stage', 'AWSCURRENT'],
    ...['--move-to-version-id', put.VersionId, '--remove-from-version-id', created.VersionId],
  );
  expect((await aws('get-secret-value', ...of)).SecretString).toBe('2');
  const batch = await aws('batch-get-secret-value', '--secret-id-list', SECRET, 'missing');
  expect(batch).toMatchObject({
    SecretValues: [{ SecretString: '2' }],
    Errors: [{ SecretId: 'missing', ErrorCode: 'ResourceNotFoundException' }],
  });
  expect((await aws('list-secret-version-ids', ...of)).Versions).toHaveLength(2);
  expect((await aws('update-secret', ...of, '--description', 'about a key')).Name).toBe(SECRET);
  const listed = await aws('list-secrets', '--filters', 'Key=description,Values=key', 'Key=tag-key,Values=k');
  expect(listed.SecretList).toEqual([expect.objectContaining({ Name: SECRET, Description: 'about a key' })]);
  await aws('tag-resource', ...of, '--tags', 'Key=other,Value=v');
  await aws('untag-resource', ...of, '--tag-keys', 'k', 'other');
  expect((await aws('describe-secret', ...of)).Tags).toEqual([]);

  const rotated = await aws(
    'rotate-secret',
    ...[...of, '--rotation-lambda-arn', FUNCTION_ARN, '--rotation-rules', 'AutomaticallyAfterDays=30'],
  );
  expect((await aws('cancel-rotate-secret', ...of)).VersionId).toBe(rotated.VersionId);

  const regions = ['--add-replica-regions', 'Region=eu-west-1', 'Region=us-west-2'];
  const replicated = await aws('replicate-secret-to-regions', ...of, ...regions);
  expect(replicated.ReplicationStatus).toMatchObject([{ Status: 'InProgress' }, { Status: 'InProgress' }]);
  expect((await aws('get-secret-value', ...of, ...elsewhere)).SecretString).toBe('2');
  const removed = await aws('remove-regions-from-replication', ...of, '--remove-replica-regions', 'us-west-2');
  expect(removed.ReplicationStatus).toMatchObject([{ Region: 'eu-west-1', Status: 'InSync' }]);
  const promoted = await aws('stop-replication-to-replica', ...of, ...elsewhere);
  expect(promoted.ARN).toContain(':eu-west-1:');

  expect((await aws('delete-secret', ...of, '--recovery-window-in-days', '7')).DeletionDate).toEqual(expect.anything());
  expect((await aws('restore-secret', ...of)).Name).toBe(SECRET);

  const kebab = (action: string) => action.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  expect([...used].sort()).toEqual(Object.keys(actions).map(kebab).sort());
});
