import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { DEFAULT_API_KEYS_ENDPOINT } from '../../momento/api-keys-endpoint.ts';
import { DEFAULT_PING_CACHE } from '../../momento/momento-api-key.ts';
import { readSecretValue } from '../../momento/secret-value.ts';
import { ADMIN_SECRET_NAME, managed, SECRET_NAME, type StandIns, startStandIns } from '../stand-ins.ts';
import { letIn, read, showChecks } from './checks.ts';
import { type KeyKind, type KeyKindName, keyKinds } from './key-kinds.ts';
import { showProof } from './proof.ts';
import { showRevocation } from './revocation.ts';
import { runRotation } from './run.ts';
import type { Continuation, Scenario, World } from './scenario.ts';
import type { Screen } from './screen.ts';
import { describeVersion, labelsOf, readCurrent, readValue, readVersions, type VersionView } from './versions.ts';

export interface RehearsalOptions {
  /** Which kind of key is rotated. */
  key: KeyKindName;
  /** What goes wrong. @default nothing */
  scenario?: Scenario | undefined;
  /** The value of a real key of that kind, to rotate it at the real Momento. @default a key of the local Momento */
  realKey?: string | undefined;
  /** Where pings read. */
  pingCache?: string | undefined;
  /** The first key, which is stored by hand, is revoked as others are. @default false: it is named, and left alone */
  revokesFirstKey?: boolean | undefined;
  /** Show the function's log lines. @default false */
  verbose?: boolean | undefined;
  /** Called with each successor as soon as it is stored, whatever becomes of it. */
  onSuccessor?: ((secretString: string) => void) | undefined;
}

/** Long enough to show that a superseded key still works, short enough to wait for its end. */
const OVERLAP_SECONDS = 4;

/**
 * Rotates a key on this machine as it is rotated on AWS, and shows it.
 *
 * @returns whether the key changed, the new one works, and so does the one before; until it is revoked, if it can be
 */
export async function rehearse(options: RehearsalOptions, screen: Screen): Promise<boolean> {
  const { scenario, realKey, pingCache = DEFAULT_PING_CACHE, revokesFirstKey = false, onSuccessor } = options;
  const key: KeyKind = keyKinds[options.key];
  const isRevoked = key.isRevocable && realKey === undefined;
  const log: string[] = [];
  const standIns = await startStandIns({
    ...scenario?.options,
    lambda: {
      ...scenario?.options?.lambda,
      environment: {
        MOMENTO_PING_CACHE: pingCache,
        ...(revokesFirstKey && { MOMENTO_REVOKE_FIRST_KEY: SECRET_NAME }),
        ...(isRevoked && {
          MOMENTO_OVERLAP_SECONDS: String(OVERLAP_SECONDS),
          MOMENTO_REVOKE_ON_SCHEDULE: 'true',
        }),
        ...keyManagement(key, realKey),
      },
      onLog(line) {
        log.push(line);
        if (options.verbose) screen.log(line);
      },
    },
  });
  const reports: Promise<void>[] = [];
  try {
    showSetting(screen, standIns, options);
    const world = await createWorld(standIns, key, realKey);
    if (onSuccessor) reportSuccessors(world, onSuccessor, reports);
    await scenario?.arrange(world);

    const rotated = await rotateUntilDone(world, { scenario, pingCache }, screen);
    if (rotated === undefined) return false;
    const { client, momento } = standIns;
    const { secretId } = world;
    const live = { before: rotated.liveBefore, during: momento.liveV2Keys().length };
    const { previous } = rotated;
    const proof = { client, secretId, previous, previousWorks: key.predecessorWorks, pingCache };
    const isProven = await showProof(proof, screen);
    const revocation = { previous, live, pingCache, revokesFirstKey, overlapSeconds: OVERLAP_SECONDS, log };
    return (!isRevoked || (await showRevocation(world, revocation, screen))) && isProven;
  } finally {
    await Promise.all(reports);
    await standIns.close();
  }
}

/** Where keys may be sent, and what manages v2 keys. */
function keyManagement(key: KeyKind, realKey: string | undefined): Record<string, string> {
  if (realKey !== undefined) {
    const { MOMENTO_API_KEYS_ENDPOINT = DEFAULT_API_KEYS_ENDPOINT, MOMENTO_HOSTS = '' } = process.env;
    return { MOMENTO_API_KEYS_ENDPOINT, MOMENTO_HOSTS };
  }
  return key.roleId === undefined ? {} : managed(SECRET_NAME, key.roleId);
}

async function createWorld(standIns: StandIns, key: KeyKind, realKey: string | undefined): Promise<World> {
  const { client, momento } = standIns;
  const create = async (Name: string, SecretString: string) => {
    const { ARN = '' } = await client.send(new CreateSecretCommand({ Name, SecretString }));
    return ARN;
  };
  const adminKey = key.issueAdminKey?.(momento);
  return {
    standIns,
    key,
    secretId: await create(SECRET_NAME, realKey ?? key.issue(momento)),
    adminSecretId: adminKey && (await create(ADMIN_SECRET_NAME, adminKey)),
  };
}

function showSetting(screen: Screen, standIns: StandIns, { key, scenario, realKey }: RehearsalOptions): void {
  const { secretsManager, momento } = standIns;
  const { title } = keyKinds[key];
  screen.heading(scenario ? `Rehearsal of a failure: ${scenario.title}` : 'Rehearsal: one rotation, as on AWS');
  screen.line(`Secrets Manager  on this machine, ${secretsManager.endpoint}`);
  screen.line(`Momento          ${realKey ? 'the real one' : `on this machine, ${momento.endpoint}`}`);
  screen.line('the function     dist/lambda/index.mjs, as it is deployed, in a process of its own');
  screen.line(`the secret       ${title}`);
}

interface Rotated {
  /** The value that was current before the rotation that succeeded. */
  previous: string;
  /** How many v2 keys were live then. */
  liveBefore: number;
}

/**
 * Rotates, and after each failure does what follows.
 *
 * @returns undefined if no rotation succeeded, or a failure did harm to the current key
 */
async function rotateUntilDone(
  world: World,
  { scenario, pingCache }: { scenario: Scenario | undefined; pingCache: string },
  screen: Screen,
): Promise<Rotated | undefined> {
  const { client, momento } = world.standIns;
  for (const { says, first, by } of [ROTATE, ...(scenario?.afterFailure ?? [])]) {
    await first?.(world);
    screen.heading(says);
    const before = await readVersions(client, world.secretId);
    const liveBefore = momento.liveV2Keys().length;
    showVersions(screen, 'before', world, before);
    const succeeded = await runRotation(world, { by, labels: labelsOf(before) }, screen);
    showVersions(screen, 'after', world, await readVersions(client, world.secretId));
    if (succeeded) return { previous: before[0]?.secretString ?? '', liveBefore };
    if (!scenario?.currentKeyIsDead && !(await showCurrentKey(world, pingCache, screen))) return undefined;
  }
  return undefined;
}

const ROTATE: Continuation = { says: 'What "aws secretsmanager rotate-secret" sets off', by: 'rotate' };

async function showCurrentKey({ standIns, secretId }: World, pingCache: string, screen: Screen): Promise<boolean> {
  const { apiKey } = readSecretValue(await readCurrent(standIns.client, secretId));
  return showChecks([letIn('the current key still reads from a cache', await read(apiKey, pingCache))], screen);
}

function showVersions(screen: Screen, caption: string, { standIns }: World, versions: readonly VersionView[]): void {
  for (const [index, version] of versions.entries()) {
    const head = (index === 0 ? caption : '').padEnd(8);
    screen.line(`${head}${describeVersion(version, (apiKey) => standIns.momento.idOf(apiKey))}`);
  }
}

/** At the end of the step that stores it, also of one that failed. */
function reportSuccessors(
  { standIns }: World,
  onSuccessor: (secretString: string) => void,
  reports: Promise<void>[],
): void {
  const { client, secretsManager } = standIns;
  secretsManager.subscribe((event) => {
    if ((event.type !== 'stepSucceeded' && event.type !== 'stepFailed') || event.step !== 'createSecret') return;
    const report = async () => {
      const secretString = await readValue(client, event.secretArn, event.versionId);
      if (secretString !== undefined) onSuccessor(secretString);
    };
    reports.push(report());
  });
}
