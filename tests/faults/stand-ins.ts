import { type Account, createAccount } from '../../src/local/momento/account.ts';
import type { Key } from '../../src/local/momento/keys.ts';
import type { Permissions } from '../../src/local/momento/permissions.ts';
import { unwrapV1Key, wrapV1Key } from '../../src/local/momento/v1-key.ts';
import {
  createSecretsManagerService,
  type Invoke,
  type SecretsManagerService,
} from '../../src/local/secrets-manager/index.ts';
import { readSecretValue } from '../../src/momento/secret-value.ts';
import type { Schedule } from './schedule.ts';

const ENDPOINT = 'cell.example.com';
const REGION = 'us-east-1';

/** Stands for a value that is no string. */
const BINARY = '(binary)';

/** May read and write, but not what the ping reads. */
const LESSER: Permissions = [{ role: 'readwrite', cache: 'another' }];

/** Both services in this process, and a secret. */
export interface StandIns {
  service: SecretsManagerService;
  account: Account;
  secretId: string;
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

/** The state of the labels. */
export interface Snapshot {
  rotationEnabled: boolean;
  stages: Readonly<Record<string, readonly string[]>>;
  current: string | undefined;
  pending: string | undefined;
  /** The Region of the primary, if the secret is a replica. */
  replicaOf: string | undefined;
}

export function createStandIns({ switches, start, lifetime }: Schedule, now: () => Date, invoke: Invoke): StandIns {
  const service = createSecretsManagerService({ region: REGION, now, invoke, behaviour: switches.secretsManager });
  const account = createAccount({ now, behaviour: switches.momento });
  const values = new Map<string, Key | undefined>();
  let versions = 0;
  const newVersionId = () => `version-${String(++versions).padStart(4, '0')}-0000-000000000000000`;
  const mayPing: Permissions = switches.permitted ? 'super-user' : LESSER;

  const asValue = ({ apiKey, refreshToken, validUntil }: Key) =>
    JSON.stringify({ apiKey: wrapV1Key(ENDPOINT, apiKey), refreshToken, validUntil: String(validUntil), note: 'kept' });
  const freshValue = (permissions = mayPing) =>
    asValue(account.keys.issue({ origin: 'seed', permissions, lifetime, refreshable: true }));

  const { ARN = '' } = service.call('CreateSecret', {
    Name: 'momento/authentication-token',
    ...(start === 'good' && { SecretString: freshValue() }),
    ClientRequestToken: newVersionId(),
  });
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
        .flatMap(({ apiKey, refreshToken = '' }) => [apiKey, wrapV1Key(ENDPOINT, apiKey), refreshToken]),
  };
}

function keyOf(account: Account, value: string): Key | undefined {
  try {
    return account.keys.find(unwrapV1Key(readSecretValue(value).apiKey.encoded) ?? '');
  } catch {
    return undefined;
  }
}
