import { type Account, createAccount } from '../../src/local/momento/account.ts';
import type { Key } from '../../src/local/momento/keys.ts';
import type { Permissions } from '../../src/local/momento/permissions.ts';
import { unwrapV1Key, wrapV1Key } from '../../src/local/momento/v1-key.ts';
import {
  createSecretsManagerService,
  type Invoke,
  type SecretsManagerService,
} from '../../src/local/secrets-manager/local-secrets-manager.ts';
import type { SecretValue } from '../../src/momento/secret-value.ts';
import { writeMarker } from '../../src/revocation/marker.ts';
import {
  ADMIN_ROLE,
  ADMIN_SECRET,
  type Configuration,
  configurationOf,
  ENDPOINT,
  FIRST_SECRET,
  LESSER_ROLE,
  managerOf,
  ROLE,
  roleOf,
  SECOND_ROLE,
  SECOND_SECRET,
} from './configuration.ts';
import { configuredFor } from './kind.ts';
import type { Schedule } from './schedule.ts';

const REGION = 'us-east-1';

/** Stands for a value that is no string. */
const BINARY = '(binary)';

/** May read and write, but not what the ping reads. */
const LESSER: Permissions = [{ role: 'readwrite', cache: 'another' }];

/** Of the key that manages others, in seconds. */
const A_YEAR = 31_536_000;

/** Both services in this process, and a secret. */
export interface StandIns {
  service: SecretsManagerService;
  account: Account;
  /** The secret's ARN. */
  secretId: string;
  name: string;
  configuration: Configuration;
  /** It can hold v2 keys, which can be revoked. */
  hasV2Keys: boolean;
  /** The v2 keys in the account that nobody issued for the secret, by their ids. */
  foreign: Set<string>;
  snapshot(): Snapshot;
  /** Undefined: there is no such version, or it is empty. */
  valueIn(versionId: string): string | undefined;
  /** Whether a value can be rotated, wherever it stands. */
  isReadable(value: string): boolean;
  createdAt(versionId: string): number;
  /** The key in a version, if there is a value that can be rotated, and Momento issued it. */
  keyIn(versionId: string | undefined): Key | undefined;
  /** Whether a version of the secret that is configured for it holds the key, or else of this one. */
  mayManage(keyId: string): boolean;
  /** Whether the secret that is configured for it holds a key that may, if one is. */
  isManageable(): boolean;
  /** What the value in a version says of its v2 key. */
  saidIn(versionId: string): Said;
  /** A fresh key, as its owner stores it. */
  freshValue(): string;
  /** One that may do less. */
  lesserValue(): string;
  newVersionId(): string;
  secrets(): string[];
}

/** What a value says of its v2 key. */
export interface Said {
  keyId: string | undefined;
  roleId: string | undefined;
  /** Epoch in seconds. Undefined: it never expires. */
  validUntil: number | undefined;
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

/** @returns one for each secret, the first one first */
export function createStandIns(schedule: Schedule, now: () => Date, invoke: Invoke): [StandIns, ...StandIns[]] {
  const { switches, keys, secrets, aheadMs } = schedule;
  const service = createSecretsManagerService({ region: REGION, now, invoke, behaviour: switches.secretsManager });
  const momentoNow = () => new Date(now().getTime() + aheadMs);
  const account = createAccount({ now: momentoNow, behaviour: switches.momento });
  const mayPing: Permissions = switches.permitted ? 'super-user' : LESSER;
  if (keys !== 'v1') {
    const mayManageKeys = keys === 'selfManaged';
    for (const roleId of [ROLE, SECOND_ROLE]) account.createRole({ roleId, permissions: mayPing, mayManageKeys });
    account.createRole({ roleId: LESSER_ROLE, permissions: LESSER, mayManageKeys });
  }

  let versions = 0;
  const shared: Shared = {
    service,
    account,
    schedule,
    configuration: configurationOf(schedule),
    foreign: new Set(),
    newVersionId: () => `version-${String(++versions).padStart(4, '0')}-0000-000000000000000`,
  };
  const first = createSecret(shared, FIRST_SECRET);
  if (keys === 'v1') return [first];
  const admin = shared.configuration.adminSecrets.length > 0 ? createSecret(shared, ADMIN_SECRET) : undefined;
  issueForeignKeys(shared, first, admin);
  return admin === undefined || secrets === 'one' ? [first] : [first, createSecret(shared, SECOND_SECRET), admin];
}

type Shared = Pick<StandIns, 'service' | 'account' | 'configuration' | 'foreign' | 'newVersionId'> & {
  schedule: Schedule;
};

/** A secret with a fresh key. */
function createSecret({ schedule, ...shared }: Shared, name: string): StandIns {
  const { service, account, configuration, newVersionId } = shared;
  const { keys, start, switches } = schedule;
  const isV2 = keys === 'managed' || keys === 'selfManaged' || name === ADMIN_SECRET;
  const ownRole = name === ADMIN_SECRET ? ADMIN_ROLE : (roleOf(configuration, name) ?? ROLE);
  const lifetime = name === ADMIN_SECRET ? A_YEAR : schedule.lifetime;

  const v1Value = (permissions: Permissions) => {
    const key = account.keys.issue({ origin: 'seed', permissions, lifetime, refreshable: true });
    const { apiKey, refreshToken, validUntil } = key;
    return JSON.stringify({
      apiKey: wrapV1Key(ENDPOINT, apiKey),
      refreshToken,
      validUntil: String(validUntil),
      note: 'kept',
    });
  };
  const v2Value = (roleId: string) => {
    const expiry = Number.isFinite(lifetime) ? { lifetime } : {};
    const { id: keyId, apiKey, validUntil } = account.issueV2Key({ roleId, description: name, ...expiry });
    return JSON.stringify({
      apiKey,
      endpoint: ENDPOINT,
      keyId,
      roleId,
      validUntil: validUntil && String(validUntil),
      note: 'kept',
    });
  };
  const mayPing: Permissions = switches.permitted ? 'super-user' : LESSER;
  const freshValue = () => (isV2 ? v2Value(ownRole) : v1Value(mayPing));

  const hasValue = start === 'good' || name === ADMIN_SECRET;
  const { ARN = '' } = service.call('CreateSecret', {
    Name: name,
    ...(hasValue && { SecretString: freshValue() }),
    ClientRequestToken: newVersionId(),
  });
  const getValue = (VersionId: string | undefined, SecretId = ARN) => {
    try {
      return service.call('GetSecretValue', { SecretId, VersionId });
    } catch {
      return undefined;
    }
  };
  const { authority, readText } = configuredFor(configuration, name);
  const readValue = (value: string | undefined) => {
    try {
      return value === undefined ? undefined : readText(value, authority.bringsOver);
    } catch {
      return undefined;
    }
  };
  const keyOfValue = (text: string | undefined) => {
    const value = readValue(text);
    return value && account.keys.find(onTheWire(value));
  };
  // A version is immutable once it has a value.
  const filled = new Map<string, { value: string | undefined; createdAt: number }>();
  const look = (versionId: string) => {
    const known = filled.get(versionId);
    if (known !== undefined) return known;
    const { SecretBinary, SecretString, CreatedDate } = getValue(versionId) ?? {};
    const found = { value: SecretBinary ? BINARY : SecretString, createdAt: CreatedDate?.getTime() ?? 0 };
    if (found.value !== undefined) filled.set(versionId, found);
    return found;
  };
  const valueIn = (versionId: string) => look(versionId).value;

  return {
    ...shared,
    name,
    hasV2Keys: keys !== 'v1',
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
    isReadable: (value) => readValue(value) !== undefined,
    createdAt: (versionId) => look(versionId).createdAt,
    keyIn: (versionId) => (versionId === undefined ? undefined : keyOfValue(valueIn(versionId))),
    saidIn(versionId) {
      const value = valueIn(versionId) ?? '';
      const text = (field: string) => new RegExp(`"${field}":"([^"]*)"`).exec(value)?.[1];
      const [keyId, roleId, validUntil] = ['keyId', 'roleId', 'validUntil'].map(text);
      return { keyId, roleId, validUntil: validUntil === undefined ? undefined : Number(validUntil) };
    },
    mayManage(keyId) {
      const SecretId = managerOf(configuration, name) ?? ARN;
      const { Versions: versions = [] } = service.call('ListSecretVersionIds', { SecretId, IncludeDeprecated: true });
      return versions.some(({ VersionId }) => keyOfValue(getValue(VersionId, SecretId)?.SecretString)?.id === keyId);
    },
    isManageable() {
      const manager = managerOf(configuration, name);
      if (manager === undefined) return true;
      const key = keyOfValue(getValue(undefined, manager)?.SecretString);
      return key?.v2?.role.mayManageKeys === true && account.keys.isValid(key.apiKey);
    },
    freshValue,
    lesserValue: () => (isV2 ? v2Value(LESSER_ROLE) : v1Value(LESSER)),
    secrets: () =>
      account.keys
        .all()
        .flatMap(({ apiKey, refreshToken = '', v2 }) =>
          v2 ? [apiKey] : [apiKey, wrapV1Key(ENDPOINT, apiKey), refreshToken],
        ),
  };
}

/** The admin's; one made by hand; one of a secret of the same name in another Region. */
function issueForeignKeys({ account, foreign }: Shared, { secretId }: StandIns, admin: StandIns | undefined): void {
  const elsewhere = writeMarker(secretId.replace(REGION, 'eu-west-1'), {
    versionId: 'version-0002-0000-000000000000000',
    predecessor: 'version-0001-0000-000000000000000',
    nonce: 'nonce',
  });
  for (const description of ['payments', elsewhere]) {
    foreign.add(account.issueV2Key({ roleId: ROLE, description }).id);
  }
  const adminKey = admin && account.keys.all().find(({ v2 }) => v2?.role.roleId === ADMIN_ROLE);
  foreign.add(adminKey?.id ?? account.issueV2Key({ roleId: ADMIN_ROLE, description: 'admin' }).id);
}

/** What travels of the key in a value. */
export function onTheWire({ apiKey }: SecretValue): string {
  return apiKey.version === 2 ? apiKey.encoded : (unwrapV1Key(apiKey.encoded) ?? '');
}
