/**
 * How a failed step leaves things, and who moves next.
 *
 * - `transient`: the pending version is kept; Secrets Manager tries the rotation again with the same token.
 * - `permanent`: the stored pending value can never work; `AWSPENDING` was taken off it, so that the next rotation
 *   starts clean.
 * - `operator`: the pending version is kept, and a human has to do what the message says before a retry can succeed.
 */
export type FailureClass = 'transient' | 'permanent' | 'operator';

/** What a message may have. The name of a step before it makes it no more than a thousand. */
const MOST_CHARACTERS = 960;

/** A message that is not as long as what somebody put into it. */
export function concise(message: string): string {
  return message.length <= MOST_CHARACTERS ? message : `${message.slice(0, MOST_CHARACTERS - 2)} …`;
}

/**
 * A step that did not do its work. Its message is written for whoever is on call: it names fields, versions, labels
 * and error codes, and never a value.
 */
export class RotationError extends Error {
  readonly failure: FailureClass;

  constructor(failure: FailureClass, message: string) {
    super(concise(message));
    this.name = 'RotationError';
    this.failure = failure;
  }
}

/**
 * The pending version can never be promoted. Whoever finds that has changed nothing: the step takes `AWSPENDING` off, and
 * fails with a {@link RotationError} of class `permanent`.
 */
export class DeadEnd extends Error {
  override readonly name = 'DeadEnd';
  /** What is wrong with the version, in full sentences. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** A secret value that is not a credential that can be rotated. The message names the field and what to do about it. */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError';
}

/** What is wrong with a value that could not be read. It will not be read another time either: a version is immutable. */
export function invalidValue(error: unknown): InvalidValueError {
  return error instanceof InvalidValueError
    ? error
    : new InvalidValueError(`Reading it failed with an unexpected ${kindOf(error)}.`);
}

/** What is thrown, as one of the project's own. An error of a library may quote what it was working on. */
export function rotationError(error: unknown): RotationError {
  if (error instanceof RotationError) return error;
  return new RotationError(
    'transient',
    `Unexpected ${kindOf(error)}. This is a defect of the function: please report it, with the frames in the log line.`,
  );
}

const kindOf = (error: unknown) => (error instanceof Error ? error.name : typeof error);

/** A call to Secrets Manager that did not succeed. */
export class SecretStoreError extends RotationError {
  /** The action, as the API names it. */
  readonly action: string;
  /** The service's error code, or the name of the error that kept an answer from arriving. */
  readonly code: string;

  /** The call may have had its effect all the same. */
  readonly mayHaveWorked: boolean;

  constructor(
    action: string,
    code: string,
    options: { transient: boolean; mayHaveWorked?: boolean; detail?: string | undefined },
  ) {
    super(
      options.transient ? 'transient' : 'operator',
      options.transient
        ? `Secrets Manager did not answer ${action} (${code}).`
        : `Secrets Manager refused ${action}: ${code}${options.detail ? `: ${options.detail.replace(/\.$/, '')}` : ''}.`,
    );
    this.name = 'SecretStoreError';
    this.action = action;
    this.code = code;
    this.mayHaveWorked = options.mayHaveWorked ?? false;
  }
}
