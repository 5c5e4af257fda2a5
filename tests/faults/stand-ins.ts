import { randomUUID } from 'node:crypto';
import { type Account, createAccount } from '../../src/local/momento/account.ts';
import type { Key } from '../../src/local/momento/keys.ts';
import type { Permissions } from '../../src/local/momento/permissions.ts';
import { unwrapV1Key, wrapV1Key } from '../../src/local/momento/v1-key.ts';
import {
  createSecretsManagerService,
  type Invoke,
  type SecretsManagerService,
} from '../../src/local/secrets-manager/index.ts';
import { readSecretValue, type SecretValue } from '../../src/momento/secret-value.ts';
import { writeMarker } from '../../src/rotation/marker.ts';
import type { Keys, Schedule } from './schedule.ts';

const ENDPOINT = 'cell.example.com';
const REGION = 'us-east-1';

/** Stands for a value that is no string. */
const BINARY = '(binary)';

/** May read and write, but not what the ping reads. */
const LESSER: Permissions = [{ role: 'readwrite', cache: 'another' }];

/** Of the secret's keys, and of those that may do less. */
const [ROLE, LESSER_ROLE] = ['payments', 'fewer-rights'];

const ADMIN_SECRET = 'momento/admin';

/** Both services in this process, and a secret. */
export interface StandIns {
  service: SecretsManagerService;
  account: Account;
  secretId: string;
  /** How v2 keys are managed. Undefined: there are none. */
  management: Management | undefined;
  /** The v2 keys in the account that have nothing to do with the secret, by their ids. */
  foreign: ReadonlySet<string>;
  snapshot(): Snapshot;
  /** Undefined: there is no such version, or it is empty. */
  valueIn(versionId: string): string | undefined;
  createdAt(versionId: string): number;
  /** The key in a version, if there is a value that can be rotated, and Momento issued it. */
  keyIn(versionId: string | undefined): Key | undefined;
  /** A fresh key, as the console downloads it. */
  freshValue(permissions?: Permissions): string;
  lesserValue(): string;
  newVersionId(): string;
  secrets(): string[];
}

export interface Management {
  /** Undefined: each key manages itself. */
  adminSecret: string | undefined;
  /** Of what succeeds a v1 key. Undefined: v1 keys do. */
  roleId: string | undefined;
}

/** The state of the labels. */
export interface Snapshot {
  rotationEnabled: boolean;
  stages: Readonly<Record<string, readonly string[]>>;
  current: string | undefined;
  pending: string | undefined;
  /** The Region of the primary, if the secret is a replica. */
  replicaOf: string | undefined;
}

export function createStandIns(schedule: Schedule, now: () => Date, invoke: Invoke): StandIns {
  const { switches, start, lifetime, keys } = schedule;
  const service = createSecretsManagerService({ region: REGION, now, invoke, behaviour: switches.secretsManager });
  const account = createAccount({ now, behaviour: switches.momento });
  const values = new Map<string, Key | undefined>();
  let versions = 0;
  const newVersionId = () => `version-${String(++versions).padStart(4, '0')}-0000-000000000000000`;
  const mayPing: Permissions = switches.permitted ? 'super-user' : LESSER;

  const asValue = ({ apiKey, refreshToken, validUntil }: Key) =>
    JSON.stringify({ apiKey: wrapV1Key(ENDPOINT, apiKey), refreshToken, validUntil: String(validUntil), note: 'kept' });
  const asV2Value = ({ id, apiKey, validUntil }: Key, roleId: string) =>
    JSON.stringify({ apiKey, endpoint: ENDPOINT, keyId: id, roleId, validUntil: String(validUntil), note: 'kept' });
  const freshV2Value = (roleId: string) =>
    asV2Value(account.issueV2Key({ roleId, description: 'payments', lifetime }), roleId);
  const isV2 = keys === 'managed' || keys === 'selfManaged';
  const freshValue = (permissions = mayPing) =>
    isV2
      ? freshV2Value(permissions === LESSER ? LESSER_ROLE : ROLE)
      : asValue(account.keys.issue({ origin: 'seed', permissions, lifetime, refreshable: true }));
  if (keys !== 'v1') {
    account.createRole({ roleId: ROLE, permissions: mayPing, mayManageKeys: keys === 'selfManaged' });
    account.createRole({ roleId: LESSER_ROLE, permissions: LESSER, mayManageKeys: keys === 'selfManaged' });
  }

  const { ARN = '' } = service.call('CreateSecret', {
    Name: 'momento/authentication-token',
    ...(start === 'good' && { SecretString: freshValue() }),
    ClientRequestToken: newVersionId(),
  });
  const foreign = keys === 'v1' ? [] : issueForeignKeys(account, service, keys, ARN);
  const getValue = (VersionId: string) => {
    try {
      return service.call('GetSecretValue', { SecretId: ARN, VersionId });
    } catch {
      return undefined;
    }
  };
  const valueIn = (versionId: string) => {
    const value = getValue(versionId);
    return value?.SecretBinary ? BINARY : value?.SecretString;
  };

  return {
    service,
    account,
    secretId: ARN,
    management: managementOf(keys),
    foreign: new Set(foreign),
    snapshot() {
      const description = service.call('DescribeSecret', { SecretId: ARN });
      const { VersionIdsToStages: stages = {}, RotationEnabled: rotationEnabled = false, PrimaryRegion } = description;
      const holder = (label: string) => Object.keys(stages).find((id) => stages[id]?.includes(label));
      return {
        rotationEnabled,
        stages,
        current: holder('AWSCURRENT'),
        pending: holder('AWSPENDING'),
        replicaOf: PrimaryRegion === REGION ? undefined : PrimaryRegion,
      };
    },
    valueIn,
    createdAt: (versionId) => getValue(versionId)?.CreatedDate?.getTime() ?? 0,
    keyIn(versionId) {
      const value = versionId === undefined ? undefined : valueIn(versionId);
      if (value === undefined) return undefined;
      if (!values.has(value)) values.set(value, keyOf(account, value));
      return values.get(value);
    },
    freshValue,
    lesserValue: () => freshValue(LESSER),
    newVersionId,
    secrets: () =>
      account.keys
        .all()
        .flatMap(({ apiKey, refreshToken = '', v2 }) =>
          v2 ? [apiKey] : [apiKey, wrapV1Key(ENDPOINT, apiKey), refreshToken],
        ),
  };
}

function managementOf(keys: Keys): Management | undefined {
  if (keys === 'v1') return undefined;
  return {
    adminSecret: keys === 'selfManaged' ? undefined : ADMIN_SECRET,
    roleId: keys === 'broughtOver' ? ROLE : undefined,
  };
}

/** The admin's key, in a secret of its own; one made by hand; one of a secret of the same name in another Region. */
function issueForeignKeys(account: Account, service: SecretsManagerService, keys: Keys, secretId: string): string[] {
  const admin = account.issueV2Key({ roleId: 'owner', description: 'admin' });
  if (keys !== 'selfManaged') {
    const { id: keyId, apiKey } = admin;
    const value = { apiKey, endpoint: ENDPOINT, keyId, roleId: 'owner' };
    service.call('CreateSecret', {
      Name: ADMIN_SECRET,
      SecretString: JSON.stringify(value),
      ClientRequestToken: randomUUID(),
    });
  }
  const elsewhere = writeMarker(secretId.replace(REGION, 'eu-west-1'), {
    versionId: 'version-0002-0000-000000000000000',
    predecessor: 'version-0001-0000-000000000000000',
    nonce: 'nonce',
  });
  const others = ['payments', elsewhere].map((description) => account.issueV2Key({ roleId: ROLE, description }));
  return [admin, ...others].map(({ id }) => id);
}

/** What travels of the key in a value. */
export function onTheWire({ apiKey }: SecretValue): string {
  return apiKey.version === 2 ? apiKey.encoded : (unwrapV1Key(apiKey.encoded) ?? '');
}

function keyOf(account: Account, value: string): Key | undefined {
  try {
    return account.keys.find(onTheWire(readSecretValue(value)));
  } catch {
    return undefined;
  }
}
