import { describe, expect, test } from 'vitest';
import { standingClock } from '../momento/sdk.ts';
import { FUNCTION_ARN, oneTime, QUEUE_ARN, startLocal } from './stand-in.ts';

const NOON = new Date('2126-02-01T12:00:00Z');

describe('a schedule', () => {
  test('is created, told, listed and deleted', async () => {
    const { now } = standingClock();
    const { client } = await startLocal({ now });
    const request = oneTime(NOON, {
      Description: 'revokes a key',
      ActionAfterCompletion: 'DELETE',
      ScheduleExpressionTimezone: 'UTC',
      Target: {
        Arn: FUNCTION_ARN,
        RoleArn: 'arn:aws:iam::123456789012:role/path/scheduler',
        Input: '{}',
        RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
        DeadLetterConfig: { Arn: QUEUE_ARN },
      },
    });
    const { ScheduleArn } = await client.createSchedule(request);
    expect(ScheduleArn).toBe('arn:aws:scheduler:us-east-1:123456789012:schedule/default/revoke');

    const { $metadata, ...told } = await client.getSchedule({ Name: 'revoke' });
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(told).toEqual({
      ...request,
      Arn: ScheduleArn,
      GroupName: 'default',
      State: 'ENABLED',
      CreationDate: now(),
      LastModificationDate: now(),
    });
    expect((await client.listSchedules({})).Schedules).toEqual([
      {
        Name: 'revoke',
        Arn: ScheduleArn,
        GroupName: 'default',
        State: 'ENABLED',
        CreationDate: now(),
        LastModificationDate: now(),
        Target: { Arn: FUNCTION_ARN },
      },
    ]);

    await client.deleteSchedule({ Name: 'revoke' });
    await expect(client.getSchedule({ Name: 'revoke' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule revoke does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(client.deleteSchedule({ Name: 'revoke' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('has what the service fills in', async () => {
    const { client } = await startLocal();
    await client.createSchedule(oneTime(NOON));
    expect(await client.getSchedule({ Name: 'revoke' })).toMatchObject({
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      ActionAfterCompletion: 'NONE',
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
    });
  });

  test('has a name of its own in its group', async () => {
    const { client } = await startLocal();
    await client.createSchedule(oneTime(NOON));
    await expect(client.createSchedule(oneTime(NOON))).rejects.toMatchObject({
      name: 'ConflictException',
      message: 'Schedule revoke already exists.',
      $metadata: { httpStatusCode: 409 },
    });
  });

  test('is created once by a request that is repeated with its token', async () => {
    const { client } = await startLocal();
    const request = oneTime(NOON, { ClientToken: 'token' });
    const first = await client.createSchedule(request);
    expect((await client.createSchedule(request)).ScheduleArn).toBe(first.ScheduleArn);
    expect((await client.listSchedules({})).Schedules).toHaveLength(1);

    const another = oneTime(new Date('2027-01-01'), { ClientToken: 'token' });
    await expect(client.createSchedule(another)).rejects.toMatchObject({ name: 'ConflictException' });
  });

  test.each([
    ['UTC', '2126-07-01T12:00:00.000Z'],
    ['Europe/Berlin', '2126-07-01T10:00:00.000Z'],
    ['America/New_York', '2126-07-01T16:00:00.000Z'],
  ])('is due at noon in %s at %s', async (ScheduleExpressionTimezone, due) => {
    const { client, server } = await startLocal();
    await client.createSchedule(oneTime(new Date('2126-07-01T12:00:00Z'), { ScheduleExpressionTimezone }));
    expect(server.nextDueAt()?.toISOString()).toBe(due);
  });
});

describe('groups', () => {
  test('hold schedules of their own', async () => {
    const { client } = await startLocal({ groups: ['given'] });
    const { ScheduleGroupArn } = await client.createScheduleGroup({ Name: 'made' });
    expect(ScheduleGroupArn).toBe('arn:aws:scheduler:us-east-1:123456789012:schedule-group/made');
    for (const GroupName of ['given', 'made']) {
      const { ScheduleArn } = await client.createSchedule(oneTime(NOON, { GroupName }));
      expect(ScheduleArn).toMatch(`schedule/${GroupName}/revoke`);
    }
    await client.deleteSchedule({ Name: 'revoke', GroupName: 'given' });
    expect((await client.listSchedules({ GroupName: 'given' })).Schedules).toEqual([]);
    expect(await client.getSchedule({ Name: 'revoke', GroupName: 'made' })).toMatchObject({ GroupName: 'made' });
    await expect(client.getSchedule({ Name: 'revoke' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(client.createScheduleGroup({ Name: 'made' })).rejects.toMatchObject({ name: 'ConflictException' });
  });

  test('must exist', async () => {
    const { client } = await startLocal();
    const nowhere = expect.objectContaining({
      name: 'ResourceNotFoundException',
      message: 'Schedule group nowhere does not exist.',
    });
    await expect(client.createSchedule(oneTime(NOON, { GroupName: 'nowhere' }))).rejects.toEqual(nowhere);
    await expect(client.listSchedules({ GroupName: 'nowhere' })).rejects.toEqual(nowhere);
  });
});

test('lists come in pages, by the beginning of the name and by the state', async () => {
  const { client } = await startLocal();
  for (const Name of ['a-1', 'b-1', 'a-2', 'a-3']) {
    await client.createSchedule(oneTime(NOON, { Name, State: Name === 'a-3' ? 'DISABLED' : 'ENABLED' }));
  }
  const names = async (query: Parameters<typeof client.listSchedules>[0]) => {
    const { Schedules = [], NextToken } = await client.listSchedules(query);
    return { names: Schedules.map(({ Name }) => Name), NextToken };
  };
  const first = await names({ NamePrefix: 'a', MaxResults: 2 });
  expect(first.names).toEqual(['a-1', 'a-2']);
  const NextToken = `${first.NextToken}`;
  expect(await names({ NamePrefix: 'a', MaxResults: 2, NextToken })).toEqual({ names: ['a-3'] });
  expect((await names({ State: 'DISABLED' })).names).toEqual(['a-3']);
  await expect(client.listSchedules({ NextToken: 'made-up' })).rejects.toMatchObject({ name: 'ValidationException' });
});

describe('a request is refused', () => {
  const refused: [what: string, rest: Parameters<typeof oneTime>[1], message: RegExp][] = [
    ['that recurs', { ScheduleExpression: 'rate(1 hour)' }, /takes one-time schedules only: at\(/],
    ['with a cron expression', { ScheduleExpression: 'cron(0 8 * * ? *)' }, /takes one-time schedules only: at\(/],
    ['with a date that is none', { ScheduleExpression: 'at(2026-02-30T00:00:00)' }, /Invalid Schedule Expression at/],
    ['with fractions of seconds', { ScheduleExpression: 'at(2026-02-01T00:00:00.5)' }, /Invalid Schedule Expression/],
    ['for an unknown zone', { ScheduleExpressionTimezone: 'Nowhere/Land' }, /ScheduleExpressionTimezone is not valid/],
    ['with a long name', { Name: 'n'.repeat(65) }, /'name' failed .* length less than or equal to 64/],
    ['with a name of other characters', { Name: 'a/b' }, /'name' failed .* regular expression pattern/],
    ['with a window but no length', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, /MaximumWindowInMinutes/],
    ['for no function', target({ Arn: 'arn:aws:sqs:us-east-1:123456789012:q' }), /invokes Lambda functions only/],
    ['by a role that is none', target({ RoleArn: 'scheduler' }), /'target\.roleArn' failed/],
    ['with no JSON', target({ Input: '{' }), /Target\.Input must be well-formed JSON/],
    ['with nothing to deliver', target({ Input: undefined }), /Target\.Input/],
    ['that waits too briefly', target({ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }), /maximumEventAgeInSeconds/],
    ['for dead letters elsewhere', target({ DeadLetterConfig: { Arn: FUNCTION_ARN } }), /deadLetterConfig\.arn/],
  ];
  function target(rest: Partial<NonNullable<ReturnType<typeof oneTime>['Target']>>) {
    return { Target: { ...oneTime(NOON).Target, ...rest } } as NonNullable<Parameters<typeof oneTime>[1]>;
  }

  test.each(refused)('%s', async (_, rest, message) => {
    const { client } = await startLocal();
    await expect(client.createSchedule(oneTime(NOON, rest))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
    expect((await client.listSchedules({})).Schedules).toEqual([]);
  });

  test('that asks for what there is not', async () => {
    const { client, server } = await startLocal();
    await expect(client.listScheduleGroups({})).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringMatching(/Supported: CreateSchedule, .*ListSchedules\.$/),
      $metadata: { httpStatusCode: 404 },
    });
    const response = await fetch(`${server.endpoint}/schedules/%zz`);
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'ValidationException']);
  });

  test('that is no JSON, or holds another type', async () => {
    const { server } = await startLocal();
    for (const body of ['{', '{"Target": 7}']) {
      const response = await fetch(`${server.endpoint}/schedules/revoke`, { method: 'POST', body });
      expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'SerializationException']);
    }
  });
});
