import type { Fault, Faults } from '../faults.ts';
import type { Answer, Exchange } from '../http-server.ts';
import { type AwsError, AwsServiceError } from './error.ts';

/** One API call over the wire. It holds no parameter and no value. */
export interface Call {
  readonly action: string;
  /** When it arrived. */
  readonly at: Date;
  /**
   * What the caller was answered: `ok`, an error code, `unanswered` (silence or a reset connection) or `malformed`.
   * Undefined while the call is under way.
   */
  outcome?: string;
  /** Whether the action ran and succeeded, whatever the caller was answered. Undefined while the call is under way. */
  effective?: boolean;
  /** The fault that struck it. */
  fault?: Fault<AwsError>;
}

export interface CallOptions {
  action: string;
  faults: Faults<AwsError>;
  now: () => Date;
  /** Told of the call when it arrives; the call changes until its outcome is known. */
  onArrival(call: Call): void;
  /** Told of it once more when it is over. */
  onEnd(call: Call): void;
  /** Does what the request asks for. @throws AwsServiceError */
  perform(body: string): unknown;
  /** How the service's protocol writes what came of it. */
  write: { output(output: unknown): Answer; error(error: AwsError): Answer };
  /** What the service calls an error of its own. */
  internalError: string;
}

type Result = { output: unknown } | { error: AwsError };

/** A call of an AWS service, from its arrival to its end. */
export function beginCall(options: CallOptions): Exchange<AwsError> {
  const { action, faults, now, onArrival, onEnd, write } = options;
  const call: Call = { action, at: now() };
  onArrival(call);
  const fault = faults.strike(action);
  if (fault) call.fault = fault;
  let outcome = '';
  const answer = (result: Result): Answer => {
    outcome = 'output' in result ? 'ok' : result.error.code;
    return 'output' in result ? write.output(result.output) : write.error(result.error);
  };
  return {
    fault,
    perform(body) {
      const result = attempt(options, body);
      call.effective = 'output' in result;
      return answer(result);
    },
    fail: (error) => answer({ error }),
    finish(ending) {
      call.outcome = ending === 'answered' ? outcome : ending;
      call.effective ??= false;
      onEnd(call);
    },
  };
}

function attempt({ perform, internalError }: CallOptions, body: string): Result {
  try {
    return { output: perform(body) };
  } catch (error) {
    if (error instanceof AwsServiceError) return { error };
    const { message } = error instanceof Error ? error : new Error(String(error));
    return { error: { code: internalError, message, status: 500 } };
  }
}
