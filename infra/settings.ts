import type { Duration } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import * as v from 'valibot';
import { explain } from '../src/settings.ts';
import { ConfigurationError, type Words } from './configuration-error.ts';
import { CONTEXT_VALUES, type ContextName } from './context-values.ts';
import { refuseMistyped } from './known-names.ts';
import type { MomentoKeyRotationProps } from './momento-key-rotation.ts';
import type { V2KeysProps } from './v2-keys.ts';

/** What the stack deploys, as context values say it: see {@link CONTEXT_VALUES}. */
export interface Settings {
  readonly secretNames: readonly string[];
  readonly rotateEvery: Duration | undefined;
  readonly expiryNotice: Duration | undefined;
  readonly kmsKeyArn: string | undefined;
  readonly logKmsKeyArn: string | undefined;
  readonly pingCache: string | undefined;
  readonly hosts: readonly string[] | undefined;
  readonly alarmEmail: string | undefined;
  readonly dashboard: boolean;
  /** Undefined: none of them is given. */
  readonly v2Keys: V2KeySettings | undefined;
  readonly createSecrets: boolean;
}

/** How v2 keys are managed. With any of them there are alarms on superseded keys that were not revoked. */
export interface V2KeySettings {
  readonly adminSecretNames: readonly string[];
  /** `roleId`, or `*` in `roles`. */
  readonly roleId: string | undefined;
  /** The others in `roles`, by names of secrets. */
  readonly roles: ReadonlyMap<string, string>;
  readonly revokeFirstKey: readonly string[];
  readonly keyLifetime: Duration | undefined;
  readonly overlap: Duration | undefined;
  readonly revokeOnSchedule: boolean;
}

/** Settings, and what to tell who deploys. */
interface ReadSettings {
  readonly settings: Settings;
  readonly notes: readonly string[];
  /** The `-c` options that say the same, but for `createSecrets`. */
  readonly options: readonly string[];
  /** How they speak of what the construct is given. */
  readonly words: Words;
}

const DEFAULT_SECRET_NAME = 'momento/authentication-token';

const CONTEXT_NAMES = Object.keys(CONTEXT_VALUES) as ContextName[];

/** The construct's properties that have another name here. */
const CALLED: Readonly<Record<string, string>> = {
  secrets: 'secretNames',
  adminSecret: 'adminSecretName',
  additionalAdminSecrets: 'names in adminSecretName',
  revocationInterval: 'the time between two scheduled revocations',
  logEncryptionKey: 'logKmsKeyArn',
};

/** All properties of the construct that are no context values by the same name, with that by which they are one. */
const PROPERTIES: Readonly<Record<string, ContextName | undefined>> = {
  secrets: 'secretNames',
  secret: 'secretNames',
  encryptionKey: 'kmsKeyArn',
  logEncryptionKey: 'logKmsKeyArn',
  alarmTopic: 'alarmEmail',
  adminSecret: 'adminSecretName',
  additionalAdminSecrets: 'adminSecretName',
  ...({
    cron: undefined,
    rotationWindow: undefined,
    rotateImmediatelyOnUpdate: undefined,
    manualRotation: undefined,
    v2Keys: undefined,
    logRetention: undefined,
    vpc: undefined,
    vpcSubnets: undefined,
    securityGroups: undefined,
    tracing: undefined,
    dailyCheck: undefined,
    trailEvents: undefined,
    revocationInterval: undefined,
  } satisfies Partial<Record<keyof MomentoKeyRotationProps | keyof V2KeysProps, undefined>>),
};

/** The environment variables of the published `api-key-refresh-lambda`, and what they are called now. */
const PREDECESSORS: readonly { variable: string; now: ContextName; convert: (value: string) => string }[] = [
  { variable: 'MOMENTO_AUTH_TOKEN_SECRET_NAME', now: 'secretNames', convert: (names) => names },
  { variable: 'AUTO_ROTATION_IN_DAYS', now: 'rotateEvery', convert: inDays },
  { variable: 'KMS_KEY_ARN', now: 'kmsKeyArn', convert: (arn) => arn },
];

/** What is not given has no value. */
const CONTEXT = v.partial(v.object(CONTEXT_VALUES));

/**
 * @param environment with the predecessor's variables, which count where there is no context value
 * @throws ConfigurationError
 */
export function readSettings(node: Node, environment: Readonly<Record<string, string | undefined>>): ReadSettings {
  refuseMistyped(Object.keys(node.getAllContext()), CONTEXT_NAMES, PROPERTIES);
  const notes: string[] = [];
  const values = new Map<ContextName, string>();
  const variables = new Map<ContextName, string>();
  for (const name of CONTEXT_NAMES) {
    const text = asText(node.tryGetContext(name));
    if (text.trim() !== '') values.set(name, text.trim());
  }
  for (const { variable, now, convert } of PREDECESSORS) {
    const value = environment[variable]?.trim() ?? '';
    if (value === '') continue;
    const renamed = `The environment variable ${variable} is now the context value ${now}`;
    if (values.has(now)) {
      notes.push(`${renamed}. It is ignored, since that is given.`);
      continue;
    }
    const converted = convert(value);
    notes.push(`${renamed}: -c ${option(now, converted)}. It is taken for now.`);
    values.set(now, converted);
    variables.set(now, ` (from ${variable})`);
  }
  const source = (name: string) => `${name}${variables.get(name as ContextName) ?? ''}`;
  const { success, output: given, issues } = v.safeParse(CONTEXT, Object.fromEntries(values), { abortEarly: true });
  if (!success) throw new ConfigurationError(explain(issues[0], source));

  const secretNames = given.secretNames ?? [DEFAULT_SECRET_NAME];
  const settings: Settings = {
    secretNames,
    rotateEvery: given.rotateEvery,
    expiryNotice: given.expiryNotice,
    kmsKeyArn: given.kmsKeyArn,
    logKmsKeyArn: given.logKmsKeyArn,
    pingCache: given.pingCache,
    hosts: given.hosts,
    alarmEmail: given.alarmEmail,
    dashboard: given.dashboard ?? false,
    v2Keys: readV2Keys(given, secretNames),
    createSecrets: given.createSecrets ?? false,
  };
  const others = [...values].filter(([name]) => name !== 'createSecrets');
  return {
    settings,
    notes,
    options: others.map(([name, value]) => `-c ${option(name, value)}`),
    words: {
      property: (name) => source(CALLED[name] ?? name),
      duration: (duration) => duration.formatTokenToNumber().replace(/^(\d+) ([a-z])[a-z]*$/, '$1$2'),
    },
  };
}

/** As a list and an object of `cdk.json` would be written with `-c`. */
function asText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return Object.entries(value)
    .map(([name, one]) => `${name}=${one}`)
    .join(',');
}

const V2_NAMES = [
  'adminSecretName',
  'roleId',
  'roles',
  'revokeFirstKey',
  'keyLifetime',
  'overlap',
  'revokeOnSchedule',
] as const satisfies ContextName[];

type Context = v.InferOutput<typeof CONTEXT>;

function readV2Keys(given: Context, secretNames: readonly string[]): V2KeySettings | undefined {
  if (V2_NAMES.every((name) => given[name] === undefined)) return undefined;
  const withRole = (['roleId', 'roles'] as const).find((name) => given[name] !== undefined);
  if (withRole !== undefined && given.adminSecretName === undefined) {
    throw new ConfigurationError(
      `${withRole} needs adminSecretName: roles are what an admin secret may generate keys of. Name the secret with a v2 key that may manage others: -c adminSecretName=momento/admin`,
    );
  }
  return {
    adminSecretNames: given.adminSecretName ?? [],
    ...readRoles(given, secretNames),
    revokeFirstKey: readFirstKeys(given.revokeFirstKey ?? [], secretNames),
    keyLifetime: given.keyLifetime,
    overlap: given.overlap,
    revokeOnSchedule: given.revokeOnSchedule ?? false,
  };
}

/** `*` is the role of all others. */
function readRoles(
  { roleId, roles: entries = [] }: Context,
  secretNames: readonly string[],
): Pick<V2KeySettings, 'roleId' | 'roles'> {
  const roles = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    if (entry.name !== '*') requireRotated(`roles: entry ${index + 1}`, entry.name, secretNames);
    if (roles.has(entry.name)) {
      throw new ConfigurationError(`roles: entry ${index + 1} is of a secret that has a role already. Write one.`);
    }
    roles.set(entry.name, entry.roleId);
  }
  const others = roles.get('*');
  roles.delete('*');
  if (roleId !== undefined && others !== undefined && roleId !== others) {
    throw new ConfigurationError('roleId and the * of roles are two roles for the same secrets. Write one of them.');
  }
  return { roleId: roleId ?? others, roles };
}

function readFirstKeys(names: readonly string[] | '*', secretNames: readonly string[]): readonly string[] {
  if (names === '*') return secretNames;
  names.forEach((name, index) => {
    requireRotated(`revokeFirstKey: entry ${index + 1}`, name, secretNames);
  });
  return names;
}

function requireRotated(source: string, name: string, secretNames: readonly string[]): void {
  if (!secretNames.includes(name)) {
    throw new ConfigurationError(
      `${source} is not of a secret in secretNames. Write a name as it is there, or add it there.`,
    );
  }
}

/** @throws ConfigurationError that speaks of the variable: who set it knows no context value yet */
function inDays(days: string): string {
  if (!/^\d{1,6}$/.test(days)) {
    throw new ConfigurationError(
      'AUTO_ROTATION_IN_DAYS is not a number of days. Write one, like 7, or leave it out and write -c rotateEvery=7d',
    );
  }
  return `${days}d`;
}

/** For a shell. */
function option(name: ContextName, value: string): string {
  return `${name}=${/^[\w/+=.@:,-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`}`;
}
