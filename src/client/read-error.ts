import { InvalidValueError } from '../rotation/errors.ts';
import { SecretUnavailableError } from './source.ts';

/** Errors that the AWS SDK raises before it sends anything, so that their messages cannot quote an answer. */
const BEFORE_SENDING = ['CredentialsProviderError', 'TokenProviderError'];

/** What is said of a read that failed. The message of an error that may quote the answer is not passed on. */
export function readError(secretId: string, error: unknown): SecretUnavailableError {
  if (error instanceof InvalidValueError) {
    return new SecretUnavailableError(`The secret "${secretId}" holds no Momento API key. ${error.message}`);
  }
  return new SecretUnavailableError(`The secret "${secretId}" could not be read. ${reason(error)}`);
}

function reason(error: unknown): string {
  if (error instanceof SecretUnavailableError) return error.message;
  const { name, message, code, $fault } = Object(error) as Partial<Error> & { code?: unknown; $fault?: unknown };
  // The service's own words (`ServiceException` of `@smithy/core`), which name principals, actions and keys of KMS.
  if ($fault !== undefined || BEFORE_SENDING.includes(String(name))) return `${name}: ${message}`;
  if (message === 'Region is missing') return 'No AWS region is configured.';
  if (name === 'TimeoutError') return 'There was no answer in time.';
  return typeof code === 'string' ? code : String(name ?? 'The reason is unknown.');
}
