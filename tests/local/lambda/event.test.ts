import { describe, expect, test } from 'vitest';
import { functionError, functionForTest } from './function.ts';

describe('an event', () => {
  test('is answered with what the handler returns', async () => {
    const { lambda } = await functionForTest('export const handler = async (event) => ({ echo: event });');
    expect(await lambda.invoke({ a: [1, 'ü'] })).toEqual({ echo: { a: [1, 'ü'] } });
  });

  test('is answered with null by a handler that returns nothing', async () => {
    const { lambda } = await functionForTest('export const handler = async () => {};');
    expect(await lambda.invoke(undefined)).toBeNull();
  });

  test('may be large, and so may the answer', async () => {
    const { lambda } = await functionForTest('export const handler = async (event) => event + event;');
    const large = 'ü'.repeat(1_000_000);
    expect(await lambda.invoke(large)).toBe(large + large);
  });

  test('comes with the context that Lambda gives', async () => {
    const { lambda } = await functionForTest(
      `export const handler = async (event, context) => ({
        ...context,
        before: context.getRemainingTimeInMillis(),
      });`,
      { functionName: 'rotation', memoryMb: 256, timeoutMs: 50_000, region: 'eu-central-1', accountId: '210987654321' },
    );
    const context = (await lambda.invoke({})) as Record<string, unknown>;
    expect(lambda.functionArn).toBe('arn:aws:lambda:eu-central-1:210987654321:function:rotation');
    expect(context).toMatchObject({
      functionName: 'rotation',
      functionVersion: '$LATEST',
      invokedFunctionArn: lambda.functionArn,
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/rotation',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(context['before']).toBeGreaterThan(0);
    expect(context['before']).toBeLessThanOrEqual(50_000);
  });

  test('comes with a request id and a trace id of its own', async () => {
    const { lambda } = await functionForTest(
      'export const handler = async (event, { awsRequestId }) => [awsRequestId, process.env._X_AMZN_TRACE_ID];',
    );
    const ids = [...((await lambda.invoke({})) as string[]), ...((await lambda.invoke({})) as string[])];
    expect(new Set(ids).size).toBe(4);
  });
});

test('a function sees the environment of Lambda and its own variables, and nothing else', async () => {
  const { lambda } = await functionForTest(
    'export const handler = async () => ({ ...process.env, zone: Intl.DateTimeFormat().resolvedOptions().timeZone });',
    { environment: { MY_VARIABLE: 'mine', AWS_REGION: 'not to be set' }, region: 'eu-central-1' },
  );
  const environment = (await lambda.invoke({})) as Record<string, string>;
  expect(environment).toMatchObject({
    MY_VARIABLE: 'mine',
    AWS_REGION: 'eu-central-1',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_LAMBDA_FUNCTION_NAME: 'function',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    _HANDLER: 'index.handler',
    zone: 'UTC',
  });
  const expected = /^(AWS_[A-Z_]+|_HANDLER|LAMBDA_TASK_ROOT|_X_AMZN_TRACE_ID|PATH|LANG|TZ|MY_VARIABLE|zone)$/;
  expect(Object.keys(environment).filter((name) => !expected.test(name))).toEqual([]);
});

describe('a handler that throws', () => {
  test('is reported with type, message and trace, and logged', async () => {
    const { lambda, lines } = await functionForTest(`
      class RotationError extends Error { name = 'RotationError'; }
      export const handler = async () => {
        throw Object.assign(new RotationError('went wrong', { cause: new Error('deeper') }), { hint: 'look here' });
      };`);
    await expect(lambda.invoke({})).rejects.toMatchObject({
      name: 'FunctionError',
      errorType: 'RotationError',
      errorMessage: 'went wrong',
      trace: expect.arrayContaining(['RotationError: went wrong']),
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/Invoke Error.*went wrong.*look here.*deeper/);
  });

  test('is reported whatever it throws', async () => {
    const { lambda } = await functionForTest("export const handler = async () => { throw 'a string'; };");
    await expect(lambda.invoke({})).rejects.toEqual(functionError('string', 'a string'));
  });

  test('keeps its sandbox', async () => {
    const { lambda } = await functionForTest('export const handler = async () => { throw new Error(process.pid); };');
    const first = await lambda.invoke({}).catch(({ errorMessage }) => errorMessage);
    const second = await lambda.invoke({}).catch(({ errorMessage }) => errorMessage);
    expect(second).toBe(first);
    expect(lambda.coldStarts).toBe(1);
  });

  test('is reported when it is its answer that cannot be sent', async () => {
    const { lambda } = await functionForTest('export const handler = async () => 1n;');
    await expect(lambda.invoke({})).rejects.toEqual(functionError('Error', 'Unable to stringify response body'));
  });
});
