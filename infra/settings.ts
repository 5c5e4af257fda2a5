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
  /** `kmsKeyArn`: the customer-managed key that the secrets are encrypted with. Default: `aws/secretsmanager`. */
  readonly kmsKeyArn: string | undefined;
  /** `pingCache`. Default: the function's own. */
  readonly pingCache: string | undefined;
  /** `alarmEmail`: where alarms go. Default: nowhere. */
  readonly alarmEmail: string | undefined;
  /** `dashboard`. Default: false. */
  readonly dashboard: boolean;
  /** `createSecrets`: create the secrets, and no rotation yet. Default: false, they are there already. */
  readonly createSecrets: boolean;
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
      'from 4h to 1000d',
      'rotateEvery=12h',
    ),
    expiryNotice: notice === undefined ? undefined : readDuration('expiryNotice', notice, 'from 1h', 'expiryNotice=4d'),
    kmsKeyArn: readKeyArn(source('kmsKeyArn'), values.get('kmsKeyArn')),
    pingCache: values.get('pingCache'),
    alarmEmail: readEmail(values.get('alarmEmail')),
    dashboard: readFlag('dashboard', values.get('dashboard')),
    createSecrets: readFlag('createSecrets', values.get('createSecrets')),
  };
  const others = [...values].filter(([name]) => name !== 'createSecrets');
  return { settings, notes, options: others.map(([name, value]) => `-c ${option(name, value)}`) };
}

function readNames(source: string, list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  for (const name of names) {
    if (name.startsWith('arn:')) throw new Error(`${source} has the ARN ${name}. Write the secret's name.`);
    if (!/^[\w/+=.@-]{1,512}$/.test(name)) {
      throw new Error(
        `${source} has "${name}". Write names of up to 512 letters, digits and /_+=.@-, separated by commas: -c secretNames=momento/one,momento/two`,
      );
    }
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`${source} has ${twice} twice. Write each once: -c secretNames=${[...new Set(names)].join(',')}`);
  }
  return names;
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

/** @param range of what may be written, and an example of it */
function readDuration(source: string, text: string, range: string, example: string): Duration {
  const [, value, unit] = /^(\d{1,6})\s*(h|d)$/.exec(text) ?? [];
  if (value === undefined) {
    throw new Error(`${source} is "${text}". Write hours or days, ${range}: -c ${example}`);
  }
  return unit === 'h' ? Duration.hours(Number(value)) : Duration.days(Number(value));
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
