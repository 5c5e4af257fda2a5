import { expect, test } from 'vitest';
import { SecretUnavailableError } from '../../src/client/index.ts';
import { readError } from '../../src/client/read-error.ts';

const named = (name: string, facts: object) => Object.assign(new Error('hunter2'), { name }, facts);

test.each([
  [
    'the service',
    named('AccessDeniedException', { $fault: 'client', message: 'You may not' }),
    'AccessDeniedException: You may not',
  ],
  [
    'the SDK, for want of credentials',
    named('CredentialsProviderError', { message: 'None.' }),
    'CredentialsProviderError: None.',
  ],
  ['the SDK, for want of a region', new Error('Region is missing'), 'No AWS region is configured.'],
  ['a source', new SecretUnavailableError('Nothing answers.'), 'Nothing answers.'],
  ['a deadline', new DOMException('hunter2', 'TimeoutError'), 'There was no answer in time.'],
  ['the network', named('Error', { code: 'ECONNRESET' }), 'ECONNRESET'],
  ['a parser', new SyntaxError('Unexpected token in hunter2'), 'SyntaxError'],
  ['anything', 'hunter2', 'The reason is unknown.'],
  ['nothing', undefined, 'The reason is unknown.'],
])('an error of %s is told without what it may quote', (_, error, reason) => {
  expect(readError('a-secret', error).message).toBe(`The secret "a-secret" could not be read. ${reason}`);
});
