/** How a call to an AWS service failed. */
export interface AwsFailure {
  /** The service's error code, or the code or name of what kept an answer from arriving. */
  code: string;
  /** The same call may succeed later. */
  isTransient: boolean;
  /** The call may have had its effect all the same. */
  mayHaveWorked: boolean;
  /** What the service says. It may quote the request. Undefined: it did not answer. */
  message: string | undefined;
}

/** What a service answers when it asks its caller to slow down (Secrets Manager's guide, "Throttling exceptions"). */
const THROTTLED = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'];

/** The request did not leave. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * Makes a call, and gives up after `timeoutMs` milliseconds.
 *
 * @param send through a client that makes one attempt a call
 * @param errorOf the error to reject with
 */
export async function callAws<T>(
  timeoutMs: number,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
  errorOf: (failure: AwsFailure) => Error,
): Promise<T> {
  // AbortSignal.timeout() would leave its timer behind, and a sandbox freezes with it.
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    return await send({ abortSignal: signal });
  } catch (error) {
    throw errorOf(failureOf(signal.aborted ? new DOMException('', 'TimeoutError') : error));
  } finally {
    clearTimeout(timer);
  }
}

function failureOf(error: unknown): AwsFailure {
  const { name, message, code, $fault, $metadata } = error as Partial<AwsError> & Error;
  if ($fault !== undefined) {
    const status = $metadata?.httpStatusCode ?? 500;
    const isTheirs = status >= 500;
    return { code: name, isTransient: isTheirs || THROTTLED.includes(name), mayHaveWorked: isTheirs, message };
  }
  // No answer, or none that could be read; the error's message may quote the answer.
  const reason = typeof code === 'string' ? code : name;
  return { code: reason, isTransient: true, mayHaveWorked: !NOT_SENT.includes(reason), message: undefined };
}

/** What an error has that is an answer of a service (`ServiceException` in the SDK's `@smithy/core`), or Node.js's own. */
interface AwsError {
  $fault: 'client' | 'server';
  $metadata: { httpStatusCode?: number };
  code: unknown;
}
