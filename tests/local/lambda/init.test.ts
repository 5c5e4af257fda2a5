import { describe, expect, test } from 'vitest';
import { startLambda } from '../../../src/local/lambda/lambda.ts';
import { functionError, functionForTest, saying } from './function.ts';

describe('a function that cannot be initialised', () => {
  test.each([
    ['throws while it loads', "throw new TypeError('no configuration');", 'TypeError', 'no configuration'],
    ['is not JavaScript', 'export const = 1;', 'Runtime.UserCodeSyntaxError', expect.stringContaining('SyntaxError')],
    ['exports no handler', '', 'Runtime.HandlerNotFound', 'index.handler is undefined or not exported'],
    [
      'exports something else',
      'export const handler = 1;',
      'Runtime.HandlerNotFound',
      'index.handler is not a function',
    ],
    [
      'takes a callback',
      'export function handler(event, context, callback) {}',
      'Runtime.CallbackHandlerDeprecated',
      expect.stringContaining('index.handler'),
    ],
    [
      'imports what is not there',
      "import 'not-there'; export const handler = async () => {};",
      'Error',
      expect.stringContaining("Cannot find package 'not-there'"),
    ],
    [
      'exits while it loads',
      'process.exit(3);',
      'Runtime.ExitError',
      saying('Runtime exited with error: exit status 3'),
    ],
    [
      'never has done loading',
      'await new Promise(() => {});',
      'Runtime.NodeJsExit',
      expect.stringContaining('settled'),
    ],
  ])('because it %s is reported, with each event anew', async (_why, source, errorType, errorMessage) => {
    const { lambda } = await functionForTest(source);
    await expect(lambda.invoke({})).rejects.toEqual(functionError(errorType, errorMessage));
    await expect(lambda.invoke({})).rejects.toEqual(functionError(errorType, errorMessage));
    expect(lambda.coldStarts).toBe(2);
  });

  test.each([
    ['other.handler', 'Runtime.ImportModuleError'],
    ['index', 'Runtime.MalformedHandlerName'],
  ])('because its handler is called %s is reported', async (handler, errorType) => {
    const { lambda } = await functionForTest('export const handler = async () => {};', { handler });
    await expect(lambda.invoke({})).rejects.toEqual(functionError(errorType, expect.any(String)));
  });

  test('because its folder is not there does not start', async () => {
    await expect(
      startLambda({ taskRoot: '/not-there', functionName: 'function', timeoutMs: 1000, environment: {} }),
    ).rejects.toThrow('ENOENT');
  });
});
