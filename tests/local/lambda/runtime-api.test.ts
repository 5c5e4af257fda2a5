import { expect, onTestFinished, test } from 'vitest';
import { startRuntimeApi } from '../../../src/local/lambda/runtime-api.ts';

const event = {
  requestId: 'request-1',
  payload: '{"a":1}',
  deadline: 1_700_000_000_000,
  functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:function',
  traceId: 'Root=1-0-0',
};

async function runtimeApiForTest() {
  const api = await startRuntimeApi();
  onTestFinished(() => api.close());
  const call = (path: string, body?: string) =>
    fetch(`http://${api.address}/2018-06-01/runtime/${path}`, body === undefined ? {} : { method: 'POST', body });
  return { api, call };
}

test('the runtime waits for an event, which comes with its headers', async () => {
  const { api, call } = await runtimeApiForTest();
  const next = call('invocation/next');
  await api.polled();
  api.deliver(event);
  const response = await next;
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': 'request-1',
    'lambda-runtime-deadline-ms': '1700000000000',
    'lambda-runtime-invoked-function-arn': event.functionArn,
    'lambda-runtime-trace-id': event.traceId,
  });
  expect(await response.json()).toEqual({ a: 1 });
  expect(() => api.deliver(event)).toThrow('does not wait');
});

test('the outcome of an event is accepted once it has been delivered', async () => {
  const { api, call } = await runtimeApiForTest();
  expect((await call('invocation/request-1/response', '1')).status).toBe(403);
  const next = call('invocation/next');
  await api.polled();
  api.deliver(event);
  await next;
  expect(api.outcome()).toBeUndefined();
  expect((await call('invocation/request-2/response', '1')).status).toBe(403);
  expect((await call('invocation/request-1/response', '1')).status).toBe(202);
  expect(api.outcome()).toEqual({ response: '1' });
});

test('errors of an event and of the initialisation are told apart', async () => {
  const { api, call } = await runtimeApiForTest();
  expect((await call('init/error', '{"errorType":"A","errorMessage":"a"}')).status).toBe(202);
  expect(api.initError()).toMatchObject({ errorType: 'A', errorMessage: 'a' });
  const next = call('invocation/next');
  await api.polled();
  api.deliver(event);
  await next;
  expect((await call('invocation/request-1/error', '{"errorType":"B","errorMessage":"b"}')).status).toBe(202);
  expect(api.outcome()).toMatchObject({ error: { errorType: 'B', errorMessage: 'b' } });
});
