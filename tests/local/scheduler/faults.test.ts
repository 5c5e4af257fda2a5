import { Scheduler } from '@aws-sdk/client-scheduler';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { actions } from '../../../src/local/scheduler/actions.ts';
import { oneTime, startLocal } from './stand-in.ts';

const NOON = new Date('2126-02-01T12:00:00Z');
const throttled = { code: 'ThrottlingException', message: 'Rate exceeded' };

test.each([
  ['before', false],
  ['after', true],
] as const)('a fault %s the effect leaves it or not', async (at, isThere) => {
  const { server, client } = await startLocal();
  const names = async () => (await client.listSchedules({})).Schedules?.length === 1;
  server.faults.add({ call: 'CreateSchedule', at, mishap: { kind: 'error', error: throttled } });
  await expect(client.createSchedule(oneTime(NOON))).rejects.toMatchObject({
    name: 'ThrottlingException',
    message: 'Rate exceeded',
    $metadata: { httpStatusCode: 429 },
  });
  expect(await names()).toBe(isThere);
  expect(server.calls[0]).toMatchObject({
    action: 'CreateSchedule',
    outcome: 'ThrottlingException',
    effective: isThere,
  });
});

test('every action can fail', async () => {
  const { server, client } = await startLocal();
  const calls: Record<keyof typeof actions, () => Promise<unknown>> = {
    CreateSchedule: () => client.createSchedule(oneTime(NOON)),
    CreateScheduleGroup: () => client.createScheduleGroup({ Name: 'group' }),
    DeleteSchedule: () => client.deleteSchedule({ Name: 'revoke' }),
    GetSchedule: () => client.getSchedule({ Name: 'revoke' }),
    ListSchedules: () => client.listSchedules({}),
  };
  expect(Object.keys(calls).sort()).toEqual(Object.keys(actions).sort());
  for (const [call, send] of Object.entries(calls)) {
    server.faults.add({ call, mishap: { kind: 'error', error: throttled } });
    await expect(send(), call).rejects.toThrow('Rate exceeded');
  }
});

test('an answer that is lost is made up for by the token of the SDK', async () => {
  const { server } = await startLocal();
  const client = new Scheduler(server.connection);
  onTestFinished(() => client.destroy());
  const error = { code: 'InternalServerException', message: 'told to fail' };
  server.faults.add({ call: 'CreateSchedule', at: 'after', mishap: { kind: 'error', error } });
  expect((await client.createSchedule(oneTime(NOON))).ScheduleArn).toMatch(/revoke$/);
  expect(server.calls.map(({ outcome }) => outcome)).toEqual(['InternalServerException', 'ok']);
});

describe('the other mishaps', () => {
  test('reset the connection, or answer with what is no JSON', async () => {
    const { server, client } = await startLocal();
    server.faults.add(
      { call: 'CreateSchedule', mishap: { kind: 'disconnect' } },
      { call: 'CreateSchedule', mishap: { kind: 'malformed' } },
    );
    await expect(client.createSchedule(oneTime(NOON))).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(client.createSchedule(oneTime(NOON))).rejects.toMatchObject({ name: 'SyntaxError' });
    expect(server.calls.map(({ outcome }) => outcome)).toEqual(['unanswered', 'malformed']);
  });

  test('do not keep the server from closing', async () => {
    const { server, client } = await startLocal();
    server.faults.add(
      { call: 'CreateSchedule', mishap: { kind: 'silence' } },
      { call: 'CreateSchedule', mishap: { kind: 'delay', ms: 3_600_000 } },
    );
    const answers = [1, 2].map(() => client.createSchedule(oneTime(NOON)).catch((error: Error) => error));
    await vi.waitFor(() => expect(server.calls).toHaveLength(2));
    await server.close();
    for (const answer of await Promise.all(answers)) expect(answer).toBeInstanceOf(Error);
  });
});
