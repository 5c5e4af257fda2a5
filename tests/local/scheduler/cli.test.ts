import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { oneTime, startLocal } from './stand-in.ts';

const hasCli = spawnSync('aws', ['--version']).status === 0;
const run = promisify(execFile);

test.skipIf(!hasCli)(
  'the AWS CLI, pointed here by its environment, creates, lists and deletes a schedule',
  async () => {
    const { server } = await startLocal({ groups: ['revocation'] });
    const aws = async (...args: string[]) => {
      const env = {
        ...process.env,
        AWS_ENDPOINT_URL_SCHEDULER: server.endpoint,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_DEFAULT_REGION: server.region,
        AWS_PAGER: '',
      };
      const { stdout } = await run('aws', ['scheduler', ...args, '--output', 'json'], { env, timeout: 50_000 });
      return stdout === '' ? undefined : JSON.parse(stdout);
    };

    const request = oneTime(new Date('2126-02-01T12:00:00Z'), { GroupName: 'revocation' });
    const created = await aws('create-schedule', '--cli-input-json', JSON.stringify(request));
    const listed = await aws('list-schedules', '--group-name', 'revocation');
    expect(listed.Schedules).toMatchObject([{ Arn: created.ScheduleArn, State: 'ENABLED' }]);
    await aws('delete-schedule', '--group-name', 'revocation', '--name', 'revoke');
    await expect(aws('get-schedule', '--group-name', 'revocation', '--name', 'revoke')).rejects.toThrow(
      'An error occurred (ResourceNotFoundException) when calling the GetSchedule operation: Schedule revoke does not exist.',
    );
  },
);
