import { Duration } from 'aws-cdk-lib';
import type { Node } from 'constructs';

/** What the stack deploys, as context values (`npx cdk deploy -c NAME=VALUE`, or `context` in `cdk.json`) say it. */
export interface Settings {
  /** `secretNames`, by comma. Default: `momento/authentication-token`. */
  readonly secretNames: readonly string[];
  /** `rotateEvery`: hours or days, like `12h` or `30d`. Default: `1d`. */
  readonly rotateEvery: Duration;
  /** `expiryNotice`: how long before a key expires its alarm rings, like `12h` or `4d`. Default: the construct's own. */
  readonly expiryNotice: Duration | undefined;
  /**
   * `kmsKeyArn`: the customer-managed key that the secrets are encrypted with, the admin secret too.
   * Default: `aws/secretsmanager`.
   */
  readonly kmsKeyArn: string | undefined;
  /** `pingCache`. Default: the function's own. */
  readonly pingCache: string | undefined;
  /** `alarmEmail`: where alarms go. Default: nowhere. */
  readonly alarmEmail: string | undefined;
  /** `dashboard`. Default: false. */
  readonly dashboard: boolean;
  /** Undefined: none of them is given. */
  readonly v2Keys: V2KeySettings | undefined;
  /** `createSecrets`: create the secrets, and no rotation yet. Default: false, they are there already. */
  readonly createSecrets: boolean;
}

/** How v2 keys are managed. With any of them there are alarms on superseded keys that were not revoked. */
export interface V2KeySettings {
  /** `adminSecretName`: of the secret with the key that manages others. Default: each manages itself. */
  readonly adminSecretName: string | undefined;
  /** `roleId`: of the v2 keys that succeed v1 keys; needs `adminSecretName`. Default: v1 keys are succeeded by v1 keys. */
  readonly roleId: string | undefined;
  /** `keyLifetime`: days, like `90d`. Default: as long as the predecessor. */
  readonly keyLifetime: Duration | undefined;
  /** `overlap`: minutes, hours or days, like `30m`. Default: the function's own. */
  readonly overlap: Duration | undefined;
  /** `revokeOnSchedule`. Default: false, the next rotation revokes. */
  readonly revokeOnSchedule: boolean;
}

/** Settings, and what to tell who deploys. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly notes: readonly string[];
  /** The `-c` options that say the same, but for `createSecrets`. */
  readonly options: readonly string[];
}

const DEFAULT_SECRET_NAME = 'momento/authentication-token';

const CONTEXT_NAMES = [
  'secretNames',
  'rotateEvery',
  'expiryNotice',
  'kmsKeyArn',
  'pingCache',
  'alarmEmail',
  'dashboard',
  'adminSecretName',
  'roleId',
  'keyLifetime',
  'overlap',
  'revokeOnSchedule',
  'createSecrets',
] as const;
type ContextName = (typeof CONTEXT_NAMES)[number];

/** The environment variables of the published `api-key-refresh-lambda`, and what they are called now. */
const PREDECESSORS: readonly { variable: string; now: ContextName; convert: (value: string) => string }[] = [
  { variable: 'MOMENTO_AUTH_TOKEN_SECRET_NAME', now: 'secretNames', convert: (names) => names },
  { variable: 'AUTO_ROTATION_IN_DAYS', now: 'rotateEvery', convert: inDays },
  { variable: 'KMS_KEY_ARN', now: 'kmsKeyArn', convert: (arn) => arn },
];

/**
 * @param environment with the predecessor's variables, which count where there is no context value
 * @throws Error with what to write instead
 */
export function readSettings(node: Node, environment: Readonly<Record<string, string | undefined>>): ReadSettings {
  const notes: string[] = [];
  const values = new Map<ContextName, string>();
  const variables = new Map<ContextName, string>();
  for (const name of CONTEXT_NAMES) {
    const value: unknown = node.tryGetContext(name);
    const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
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
  const source = (name: ContextName) => `${name}${variables.get(name) ?? ''}`;

  const notice = values.get('expiryNotice');
  const settings: Settings = {
    secretNames: readNames(source('secretNames'), values.get('secretNames') ?? DEFAULT_SECRET_NAME),
    rotateEvery: readDuration(
      source('rotateEvery'),
      values.get('rotateEvery') ?? '1d',
      ['hours', 'days'],
      'from 4h to 1000d',
      'rotateEvery=12h',
    ),
    expiryNotice:
      notice === undefined
        ? undefined
        : readDuration('expiryNotice', notice, ['hours', 'days'], 'from 1h', 'expiryNotice=4d'),
    kmsKeyArn: readKeyArn(source('kmsKeyArn'), values.get('kmsKeyArn')),
    pingCache: values.get('pingCache'),
    alarmEmail: readEmail(values.get('alarmEmail')),
    dashboard: readFlag('dashboard', values.get('dashboard')),
    v2Keys: readV2Keys(values),
    createSecrets: readFlag('createSecrets', values.get('createSecrets')),
  };
  const others = [...values].filter(([name]) => name !== 'createSecrets');
  return { settings, notes, options: others.map(([name, value]) => `-c ${option(name, value)}`) };
}

const V2_NAMES: readonly ContextName[] = ['adminSecretName', 'roleId', 'keyLifetime', 'overlap', 'revokeOnSchedule'];

function readV2Keys(values: ReadonlyMap<ContextName, string>): V2KeySettings | undefined {
  if (!V2_NAMES.some((name) => values.has(name))) return undefined;
  const adminSecretName = values.get('adminSecretName');
  const roleId = values.get('roleId');
  const keyLifetime = values.get('keyLifetime');
  const overlap = values.get('overlap');
  if (adminSecretName !== undefined) {
    requireName('adminSecretName', adminSecretName, 'a name', '-c adminSecretName=momento/admin');
  }
  if (roleId !== undefined && adminSecretName === undefined) {
    throw new Error(
      'roleId needs adminSecretName: a v1 key cannot manage keys. Name the secret with a v2 key that may: -c adminSecretName=momento/admin',
    );
  }
  return {
    adminSecretName,
    roleId,
    keyLifetime:
      keyLifetime === undefined
        ? undefined
        : readDuration('keyLifetime', keyLifetime, ['days'], 'from 1d to 3650d', 'keyLifetime=90d'),
    overlap:
      overlap === undefined
        ? undefined
        : readDuration('overlap', overlap, ['minutes', 'hours', 'days'], 'from 1m to 365d', 'overlap=30m'),
    revokeOnSchedule: readFlag('revokeOnSchedule', values.get('revokeOnSchedule')),
  };
}

function readNames(source: string, list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  for (const name of names) {
    requireName(source, name, 'names', 'separated by commas: -c secretNames=momento/one,momento/two');
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`${source} has ${twice} twice. Write each once: -c secretNames=${[...new Set(names)].join(',')}`);
  }
  return names;
}

/** @param what is to be written, and an example of it */
function requireName(source: string, name: string, what: string, example: string): void {
  if (name.startsWith('arn:')) throw new Error(`${source} has the ARN ${name}. Write the secret's name.`);
  if (!/^[\w/+=.@-]{1,512}$/.test(name)) {
    throw new Error(`${source} has "${name}". Write ${what} of up to 512 letters, digits and /_+=.@-, ${example}`);
  }
}

/** @throws Error that speaks of the variable: who set it knows no context value yet */
function inDays(days: string): string {
  if (!/^\d{1,6}$/.test(days)) {
    throw new Error(
      `AUTO_ROTATION_IN_DAYS is "${days}". Write a number of days, like 7, or leave it out and write -c rotateEvery=7d`,
    );
  }
  return `${days}d`;
}

type DurationUnit = 'minutes' | 'hours' | 'days';

/** @param range of what may be written, and an example of it */
function readDuration(
  source: string,
  text: string,
  units: readonly DurationUnit[],
  range: string,
  example: string,
): Duration {
  const [, value, letter] = /^(\d{1,6})\s*([mhd])$/.exec(text) ?? [];
  const unit = units.find((each) => each[0] === letter);
  if (unit === undefined) {
    const words = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(units);
    throw new Error(`${source} is "${text}". Write ${words}, ${range}: -c ${example}`);
  }
  return Duration[unit](Number(value));
}

function readKeyArn(source: string, text: string | undefined): string | undefined {
  if (text !== undefined && !/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/.test(text)) {
    throw new Error(
      `${source} is "${text}". Write the ARN of a key, not of an alias: -c kmsKeyArn=arn:aws:kms:us-east-1:123456789012:key/1234abcd-…`,
    );
  }
  return text;
}

function readEmail(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[^\s@]+@[^\s@]+$/.test(text)) {
    throw new Error(`alarmEmail is "${text}". Write one address: -c alarmEmail=on-call@example.com`);
  }
  return text;
}

function readFlag(name: ContextName, text = 'false'): boolean {
  if (text !== 'true' && text !== 'false')
    throw new Error(`${name} is "${text}". Write true or false: -c ${name}=true`);
  return text === 'true';
}

/** For a shell. */
function option(name: ContextName, value: string): string {
  return `${name}=${/^[\w/+=.@:,-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`}`;
}
