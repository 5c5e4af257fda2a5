import * as v from 'valibot';
import { RotationError } from './rotation/errors.ts';
import { isSecretId } from './rotation/secret-id.ts';
import { type StepName, steps } from './rotation/steps.ts';

/** What the function is asked to do. */
export type Request =
  /** One step of a rotation, asked for by Secrets Manager. */
  | { kind: 'step'; step: StepName; secretId: string; versionId: string; rotationToken: string | undefined }
  /** Start a rotation, asked for by hand. */
  | { kind: 'rotate'; secretId: string }
  /** Tell how secrets are doing, asked for by a schedule. */
  | { kind: 'check'; secretIds: string[] }
  /** Revoke what nobody uses any more, asked for by a recurring schedule with a list, or by hand with one secret. */
  | { kind: 'revoke'; secretIds: string[]; isByHand: boolean };

/** An event that the function does not know. The message shows the shapes that it does, and never the event. */
class InvalidEventError extends RotationError {
  constructor(problem: string) {
    super(
      'operator',
      `${problem} Accepted are the events of Secrets Manager, ` +
        `{"Step": ${Object.keys(steps).join(' | ')}, "SecretId": ARN, "ClientRequestToken": version id, "RotationToken"?: token}, ` +
        `to start a rotation by hand {"SecretId": name or ARN} or {"momento_auth_token_secret_name": name or ARN}, ` +
        `to check secrets {"CheckSecrets": [name or ARN, …]}, ` +
        `and to revoke retired keys {"RevokeRetiredKeys": name or ARN, or [name or ARN, …]}.`,
    );
    this.name = 'InvalidEventError';
  }
}

/** Tells a text that is a credential itself, and must not be sent to anybody as a name. */
type IsCredential = (text: string) => boolean;

/** The most characters of the name of a version (API reference, `ClientRequestToken`). */
const LONGEST_VERSION_ID = 64;

const NO_TEXT = 'is not a non-empty string.';
const NO_TEXTS = 'is not a list of non-empty strings.';

/**
 * @returns reads the function's event (user guide, "Rotation by Lambda function"; the shapes that start a rotation by hand are
 *   those of the published `api-key-refresh-lambda`). Nothing that it names has been looked up: it must not be spoken about yet.
 *   Throws a RotationError (operator), named `InvalidEventError`
 */
export function eventReader(isCredential: IsCredential): (event: unknown) => Request {
  const shapeOf = shapes(isCredential);
  return (event) => {
    if (typeof event !== 'object' || event === null || Array.isArray(event)) {
      throw new InvalidEventError('The event is not a JSON object.');
    }
    const { success, output, issues } = v.safeParse(shapeOf(event), event, { abortEarly: true });
    if (success) return output;
    const [{ path, message }] = issues;
    throw new InvalidEventError(`The event's field "${path?.[0].key}" ${message}`);
  };
}

/** The events, each with what it asks for. What is wrong with a field, a message says after its name. */
function shapes(isCredential: IsCredential) {
  const secretId = (problem: string) =>
    v.pipe(
      text(problem),
      v.check((id) => isSecretId(id) && !isCredential(id), 'holds something else than the name or ARN of a secret.'),
    );
  const one = secretId(NO_TEXT);
  const several = v.pipe(v.array(secretId(NO_TEXTS), NO_TEXTS), v.nonEmpty(NO_TEXTS));

  const rotate = fields({ SecretId: one }, ({ SecretId }) => ({ kind: 'rotate', secretId: SecretId }));
  const rotateAsBefore = fields({ momento_auth_token_secret_name: one }, (event) => ({
    kind: 'rotate',
    secretId: event.momento_auth_token_secret_name,
  }));
  const check = fields({ CheckSecrets: several }, ({ CheckSecrets }) => ({ kind: 'check', secretIds: CheckSecrets }));
  const revoke = fields(
    { RevokeRetiredKeys: v.lazy((given) => (typeof given === 'string' ? one : several)) },
    ({ RevokeRetiredKeys }) => ({
      kind: 'revoke',
      secretIds: [RevokeRetiredKeys].flat(),
      isByHand: typeof RevokeRetiredKeys === 'string',
    }),
  );
  const step = fields(
    {
      SecretId: one,
      Step: v.pipe(text(NO_TEXT), v.guard(isStepName, 'is not one of the four steps.')),
      ClientRequestToken: v.pipe(text(NO_TEXT), v.maxLength(LONGEST_VERSION_ID, 'is not the name of a version.')),
      RotationToken: v.optional(text(NO_TEXT)),
    },
    (event) => ({
      kind: 'step',
      step: event.Step,
      secretId: event.SecretId,
      versionId: event.ClientRequestToken,
      rotationToken: event.RotationToken,
    }),
  );

  return (event: object) => {
    const has = (name: string) => (event as Record<string, unknown>)[name] !== undefined;
    if (has('momento_auth_token_secret_name')) return rotateAsBefore;
    if (has('CheckSecrets')) return check;
    if (has('RevokeRetiredKeys')) return revoke;
    return has('SecretId') && Object.keys(event).length === 1 ? rotate : step;
  };
}

/** Others may be there as well. */
function fields<const Entries extends v.ObjectEntries>(
  entries: Entries,
  ask: (event: v.InferOutput<v.ObjectSchema<Entries, string>>) => Request,
) {
  return v.pipe(v.object(entries, 'is missing.'), v.transform(ask));
}

function text(problem: string) {
  return v.pipe(
    v.string(({ input }) => (input === undefined ? 'is missing.' : problem)),
    v.check((given) => given.trim() !== '', problem),
  );
}

function isStepName(step: string): step is StepName {
  return Object.hasOwn(steps, step);
}
