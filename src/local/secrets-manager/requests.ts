/**
 * What each request may hold: the members, types and limits of the service's model, as the API reference gives them for
 * each action. Messages name the member and its limit, never what it held.
 */
import type { ActionInput, ActionName } from './actions/index.ts';
import { SecretsManagerError, validation } from './errors.ts';

type Shape =
  | { kind: 'boolean' }
  | { kind: 'blob'; max: number }
  | { kind: 'integer'; min: number; max: number }
  | { kind: 'string'; min?: number; max: number; pattern?: RegExp; bytes?: boolean; oneOf?: readonly string[] }
  | { kind: 'list'; member: Shape; min?: number; max?: number }
  | { kind: 'structure'; required?: readonly string[]; members: Record<string, Shape> };

type Structure = Extract<Shape, { kind: 'structure' }>;

const text = (min: number, max: number, pattern?: RegExp): Shape => ({
  kind: 'string',
  min,
  max,
  ...(pattern && { pattern }),
});
const whole = (min: number, max: number): Shape => ({ kind: 'integer', min, max });
const flag: Shape = { kind: 'boolean' };
const choice = (...oneOf: string[]): Shape => ({ kind: 'string', max: Number.POSITIVE_INFINITY, oneOf });
const list = (member: Shape, min = 0, max = Number.POSITIVE_INFINITY): Shape => ({ kind: 'list', member, min, max });
const structure = (members: Record<string, Shape>, required: string[] = []): Structure => ({
  kind: 'structure',
  members,
  required,
});

const VALUE_BYTES = 65_536;
const value: Record<string, Shape> = {
  SecretString: { kind: 'string', max: VALUE_BYTES, bytes: true },
  SecretBinary: { kind: 'blob', max: VALUE_BYTES },
};
const secretId = text(1, 2048);
const token = text(32, 64);
const label = text(1, 256);
const versionId = text(32, 64);
const description = text(0, 2048);
const kmsKeyId = text(0, 2048);
const tagKey = text(1, 128);
const tags = list(structure({ Key: tagKey, Value: text(0, 256) }));
const paging = (max: number): Record<string, Shape> => ({ MaxResults: whole(1, max), NextToken: text(1, 4096) });
const filters = list(
  structure(
    {
      Key: choice('description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all'),
      Values: list(text(0, 512, /^!?[a-zA-Z0-9 :_@/+=.\-!]*$/), 1, 10),
    },
    ['Key', 'Values'],
  ),
  0,
  10,
);
const rotationRules = structure({
  AutomaticallyAfterDays: whole(1, 1000),
  Duration: text(2, 3, /^[0-9]+h$/),
  ScheduleExpression: text(1, 256, /^[0-9A-Za-z()#?*\-/, ]+$/),
});
const onSecret = (members: Record<string, Shape> = {}, required: string[] = []) =>
  structure({ SecretId: secretId, ...members }, ['SecretId', ...required]);

const requests: Record<ActionName, Structure> = {
  BatchGetSecretValue: structure({ SecretIdList: list(secretId, 1, 20), Filters: filters, ...paging(20) }),
  CancelRotateSecret: onSecret(),
  CreateSecret: structure(
    {
      Name: text(1, 512),
      ClientRequestToken: token,
      Description: description,
      KmsKeyId: kmsKeyId,
      Tags: tags,
      AddReplicaRegions: list(structure({ Region: text(1, 128, /^([a-z]+-)+\d+$/), KmsKeyId: kmsKeyId }), 1),
      ...value,
    },
    ['Name'],
  ),
  // DeleteSecret checks the recovery window itself, with words of its own.
  DeleteSecret: onSecret({
    RecoveryWindowInDays: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    ForceDeleteWithoutRecovery: flag,
  }),
  DescribeSecret: onSecret(),
  GetSecretValue: onSecret({ VersionId: versionId, VersionStage: label }),
  ListSecretVersionIds: onSecret({ IncludeDeprecated: flag, ...paging(100) }),
  ListSecrets: structure({
    Filters: filters,
    IncludePlannedDeletion: flag,
    SortBy: choice('created-date', 'last-accessed-date', 'last-changed-date', 'name'),
    SortOrder: choice('asc', 'desc'),
    ...paging(100),
  }),
  PutSecretValue: onSecret({
    ClientRequestToken: token,
    VersionStages: list(label, 1, 20),
    RotationToken: text(36, 256, /^[a-zA-Z0-9-]+$/),
    ...value,
  }),
  RestoreSecret: onSecret(),
  RotateSecret: onSecret({
    ClientRequestToken: token,
    RotationLambdaARN: text(0, 2048),
    RotationRules: rotationRules,
    RotateImmediately: flag,
  }),
  TagResource: onSecret({ Tags: tags }, ['Tags']),
  UntagResource: onSecret({ TagKeys: list(tagKey) }, ['TagKeys']),
  UpdateSecret: onSecret({ ClientRequestToken: token, Description: description, KmsKeyId: kmsKeyId, ...value }),
  UpdateSecretVersionStage: onSecret(
    { VersionStage: label, RemoveFromVersionId: versionId, MoveToVersionId: versionId },
    ['VersionStage'],
  ),
};

/**
 * Turns the JSON of a request into the action's input. Members that the action does not know are dropped.
 * @throws SerializationException for a member of the wrong type.
 */
export function decodeRequest<A extends ActionName>(action: A, json: unknown): ActionInput<A> {
  return decode(requests[action], json, 'The request') as ActionInput<A>;
}

/** @throws ValidationException for a member that is missing or outside its limits. */
export function validateRequest<A extends ActionName>(action: A, input: ActionInput<A>): void {
  check(requests[action], input, '');
}

function decode(shape: Shape, json: unknown, path: string): unknown {
  const wrong = (expected: string) => new SecretsManagerError('SerializationException', `${path} must be ${expected}.`);
  switch (shape.kind) {
    case 'boolean':
      if (typeof json !== 'boolean') throw wrong('a boolean');
      return json;
    case 'integer':
      if (!Number.isInteger(json)) throw wrong('an integer');
      return json;
    case 'string':
      if (typeof json !== 'string') throw wrong('a string');
      return json;
    case 'blob':
      if (typeof json !== 'string') throw wrong('a string in base64');
      return Uint8Array.from(Buffer.from(json, 'base64'));
    case 'list':
      if (!Array.isArray(json)) throw wrong('a list');
      return json.map((member: unknown, index) => decode(shape.member, member, `${path}[${index}]`));
    case 'structure': {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong('an object');
      const given = Object.entries(json).filter(([, member]) => member !== null);
      const known = given.flatMap(([name, member]) => {
        const memberShape = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
        return memberShape ? [[name, decode(memberShape, member, name)] as const] : [];
      });
      return Object.fromEntries(known);
    }
  }
}

function check(shape: Shape, input: unknown, path: string): void {
  switch (shape.kind) {
    case 'string':
      if (typeof input === 'string') checkText(shape, input, path);
      return;
    case 'blob':
      if (input instanceof Uint8Array && input.length > shape.max) fail(path, atMost('length', shape.max));
      return;
    case 'integer':
      if (typeof input === 'number') checkRange('value', input, shape, path);
      return;
    case 'list':
      if (!Array.isArray(input)) return;
      checkRange('length', input.length, shape, path);
      for (const [index, member] of input.entries()) check(shape.member, member, `${path}.${index + 1}.member`);
      return;
    case 'structure': {
      const given = new Map<string, unknown>(Object.entries(input ?? {}));
      for (const [name, member] of Object.entries(shape.members)) {
        const memberPath = [path, lowerFirst(name)].filter(Boolean).join('.');
        if (given.get(name) !== undefined) check(member, given.get(name), memberPath);
        else if (shape.required?.includes(name)) fail(memberPath, 'Member must not be null');
      }
    }
  }
}

function checkText(shape: Extract<Shape, { kind: 'string' }>, input: string, path: string): void {
  checkRange('length', shape.bytes ? Buffer.byteLength(input) : input.length, shape, path);
  if (shape.pattern && !shape.pattern.test(input))
    fail(path, `Member must satisfy regular expression pattern: ${shape.pattern.source}`);
  if (shape.oneOf && !shape.oneOf.includes(input))
    fail(path, `Member must satisfy enum value set: [${shape.oneOf.join(', ')}]`);
}

const atMost = (what: string, max: number) => `Member must have ${what} less than or equal to ${max}`;

function checkRange(
  what: string,
  actual: number,
  { min = 0, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number },
  path: string,
): void {
  if (actual < min) fail(path, `Member must have ${what} greater than or equal to ${min}`);
  if (actual > max) fail(path, atMost(what, max));
}

function fail(path: string, constraint: string): never {
  throw validation(`1 validation error detected: Value at '${path}' failed to satisfy constraint: ${constraint}`);
}

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
