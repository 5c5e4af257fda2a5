import { InvalidValueError } from '../rotation/errors.ts';
import { SecretUnavailableError } from './source.ts';

/** Errors that the AWS SDK raises before it sends anything, so that their messages cannot quote an answer. */
const BEFORE_SENDING = ['CredentialsProviderError', 'TokenProviderError'];

/**
 * What is said of a read that failed. The message of an error that may quote the answer is not passed on, nor is the error:
 * then the `cause` is one of the same name and code, without a message and a stack.
 */
export function readError(secretId: string, error: unknown): SecretUnavailableError {
  if (error instanceof InvalidValueError) {
    return new SecretUnavailableError(`The secret "${secretId}" holds no Momento API key. ${error.message}`, {
      code: 'InvalidValue',
      cause: error,
    });
  }
  const { code, words, cause } = explain(error);
  return new SecretUnavailableError(`The secret "${secretId}" could not be read. ${words}`, { code, cause });
}

interface Explanation {
  code: string;
  words: string;
  cause: unknown;
}

function explain(error: unknown): Explanation {
  if (error instanceof SecretUnavailableError) return { code: error.code, words: error.message, cause: error };
  const { name, message, code, $fault } = Object(error) as Partial<Error> & { code?: unknown; $fault?: unknown };
  // The service's own words (`ServiceException` of `@smithy/core`), which name principals, actions and keys of KMS.
  if ($fault !== undefined || BEFORE_SENDING.includes(String(name))) {
    return { code: String(name), words: `${name}: ${message}`, cause: error };
  }
  if (message === 'Region is missing') {
    return { code: 'Unavailable', words: 'No AWS region is configured.', cause: error };
  }
  const cause = error instanceof Error ? withoutMessage(error, code) : undefined;
  // The AWS SDK gives this name to connections that were reset, too; they have their code.
  if (name === 'TimeoutError' && (typeof code !== 'string' || code === 'ETIMEDOUT')) {
    return { code: 'Timeout', words: 'There was no answer in time.', cause };
  }
  if (typeof code === 'string' && /^E(?!RR_)[A-Z_]+$/.test(code)) {
    return { code, words: `The connection failed (${code}).`, cause };
  }
  const known = typeof code === 'string' ? code : name;
  return { code: 'Unavailable', words: String(known ?? 'The reason is unknown.'), cause };
}

/** A stack begins with the message. */
function withoutMessage({ name }: Error, code: unknown): Error {
  return Object.assign(new Error(), { name, stack: name }, typeof code === 'string' && { code });
}
