import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SecretUnavailableError } from '../../src/client/index.ts';
import { readError } from '../../src/client/read-error.ts';
import { InvalidValueError } from '../../src/rotation/errors.ts';
import { startStage } from './stage.ts';

const named = (name: string, facts: object) => Object.assign(new Error('hunter2'), { name }, facts);
const fromSource = new SecretUnavailableError('Nothing answers.', { code: 'ResourceNotFoundException' });

test.each([
  [
    'the service',
    named('AccessDeniedException', { $fault: 'client', message: 'You may not' }),
    'AccessDeniedException: You may not',
    'AccessDeniedException',
  ],
  [
    'the SDK, for want of credentials',
    named('CredentialsProviderError', { message: 'None.' }),
    'CredentialsProviderError: None.',
    'CredentialsProviderError',
  ],
  ['the SDK, for want of a region', new Error('Region is missing'), 'No AWS region is configured.', 'Unavailable'],
  ['a source', fromSource, 'Nothing answers.', 'ResourceNotFoundException'],
  ['a deadline', new DOMException('hunter2', 'TimeoutError'), 'There was no answer in time.', 'Timeout'],
  ['a connection', named('TimeoutError', { code: 'ETIMEDOUT' }), 'There was no answer in time.', 'Timeout'],
  ['the network', named('Error', { code: 'ENOTFOUND' }), 'The connection failed (ENOTFOUND).', 'ENOTFOUND'],
  ['a resolver', named('Error', { code: 'EAI_AGAIN' }), 'The connection failed (EAI_AGAIN).', 'EAI_AGAIN'],
  [
    'the network, which the SDK calls a timeout',
    named('TimeoutError', { code: 'ECONNRESET' }),
    'The connection failed (ECONNRESET).',
    'ECONNRESET',
  ],
  [
    'a package that is missing',
    named('Error', { code: 'ERR_MODULE_NOT_FOUND' }),
    'ERR_MODULE_NOT_FOUND',
    'Unavailable',
  ],
  ['a parser', new SyntaxError('Unexpected token in hunter2'), 'SyntaxError', 'Unavailable'],
  ['anything', 'hunter2', 'The reason is unknown.', 'Unavailable'],
  ['nothing', undefined, 'The reason is unknown.', 'Unavailable'],
])('an error of %s is told without what it may quote', (_, error, reason, code) => {
  const said = readError('a-secret', error);
  expect(said.message).toBe(`The secret "a-secret" could not be read. ${reason}`);
  expect(said.code).toBe(code);
  expect(inspect(said, { depth: 10 })).not.toContain('hunter2');
  if (!(error instanceof Error)) expect(said.cause).toBeUndefined();
  else expect(said.cause).toHaveProperty('name', error.name);
});

test('a value that is no key is told with what is wrong with it', () => {
  const error = new InvalidValueError('Field "apiKey" is missing.');
  expect(readError('a-secret', error)).toMatchObject({ code: 'InvalidValue', cause: error });
});

describe('over the wire', () => {
  test.each([
    [{ kind: 'disconnect' }, 'The connection failed (ECONNRESET).', 'ECONNRESET'],
    [{ kind: 'silence' }, 'There was no answer in time.', 'Timeout'],
    [
      { kind: 'error', error: { code: 'AccessDeniedException', message: 'You may not.', status: 400 } },
      'AccessDeniedException: You may not.',
      'AccessDeniedException',
    ],
  ] as const)('%j', async (mishap, reason, code) => {
    const { secretsManager, credential } = await startStage();
    secretsManager.faults.add({ call: 'GetSecretValue', mishap });
    await expect(credential({ timeoutMs: 1000 }).current()).rejects.toMatchObject({
      message: `The secret "momento/authentication-token" could not be read. ${reason}`,
      code,
      cause: expect.any(Error),
    });
  });
});
