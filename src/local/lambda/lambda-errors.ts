/** How Lambda reports a failure of the function to whoever invoked it: the payload of an answer with `X-Amz-Function-Error`. */
export interface FunctionErrorPayload {
  errorType: string;
  errorMessage: string;
  /** The lines of the stack, if the function itself threw. */
  trace?: string[];
}

/** The function failed: it threw, ran out of time, could not be initialised, or its process died. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: string[] | undefined;

  constructor({ errorType, errorMessage, trace }: FunctionErrorPayload) {
    super(errorMessage);
    this.errorType = errorType;
    this.errorMessage = errorMessage;
    this.trace = trace;
  }
}

/** The function was not invoked, because as many sandboxes as it may have are busy (Lambda API reference, `Invoke`). */
export class TooManyRequestsException extends Error {
  override readonly name = 'TooManyRequestsException';
}

/** How a process ended, as Node reports it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export function timedOut(requestId: string, timeoutMs: number): FunctionError {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return new FunctionError({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
  });
}

export function runtimeExited(requestId: string, exit: Exit): FunctionError {
  return new FunctionError({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited ${manner(exit)}`,
  });
}

function manner({ code, signal }: Exit): string {
  if (signal === 'SIGKILL') return 'with error: signal: killed';
  if (signal) return `with error: signal: ${signal}`;
  if (code === 0) return 'without providing a reason';
  return `with error: exit status ${code}`;
}
