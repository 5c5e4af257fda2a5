import { CancelledError, FailedPreconditionError, type SdkError, TimeoutError } from '@gomomento/sdk';
import type { ErrorClass } from './error-classes.ts';
import { SecretUnavailableError } from './source.ts';
import { WaitEnded } from './wait.ts';

/** How the methods of a client of the SDK tell errors. */
export interface ErrorAnswers {
  /** Of their error values. */
  errorClasses: object;
  /** Whether a method throws its errors. */
  throwsErrors(method: string): boolean;
}

/** What a method answers, or throws, for want of a key. What went wrong otherwise is the SDK's, and thrown as it is. */
export function answerWithoutKey(
  error: unknown,
  method: string,
  args: readonly unknown[],
  { errorClasses, throwsErrors }: ErrorAnswers,
): unknown {
  const sdkError = sdkErrorFor(error);
  if (!sdkError) throw error;
  const known = errorClasses as Record<string, ErrorClass<unknown>>;
  const Class = Object.hasOwn(known, method) ? known[method] : undefined;
  if (!Class || throwsErrors(method)) throw sdkError;
  const [, , field] = args;
  return new Class(sdkError, typeof field === 'string' ? new TextEncoder().encode(field) : (field as Uint8Array));
}

function sdkErrorFor(error: unknown): SdkError | undefined {
  if (error instanceof SecretUnavailableError) {
    return causedBy(error, new FailedPreconditionError(error.message, 0, undefined, error.stack));
  }
  if (!(error instanceof WaitEnded)) return undefined;
  // In the SDK's own words.
  if (error.name === 'AbortError') return new CancelledError('Request cancelled by a user-provided AbortSignal');
  const cause = new SecretUnavailableError('The secret was not read before the deadline of the client.', {
    code: 'Timeout',
  });
  return causedBy(cause, new TimeoutError(cause.message, 0, undefined, cause.stack));
}

function causedBy(cause: Error, error: SdkError): SdkError {
  return Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
}
