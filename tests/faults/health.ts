import { isAllowed } from './authority.ts';
import { managerOf } from './configuration.ts';
import type { Facts } from './facts.ts';
import { failureOf, type Health, type Invocation } from './invocation.ts';
import { isAbout, isIssued, isLive } from './revocations.ts';
import type { StandIns } from './stand-ins.ts';

export function healthOf(facts: Facts): Health {
  const { standIns, issuedBy } = facts;
  const { service, secretId, account, configuration, hasV2Keys, name } = standIns;
  const { snapshot, valueIn, isReadable, createdAt, keyIn } = standIns;
  const { LastRotatedDate, RotationEnabled = false } = service.call('DescribeSecret', { SecretId: secretId });
  const { current } = snapshot();
  const value = current === undefined ? undefined : valueIn(current);
  const key = keyIn(current);
  const isLetIn = managerOf(configuration, name) !== undefined || key === undefined || account.keys.isValid(key.apiKey);
  const { Versions: versions = [] } = service.call('ListSecretVersionIds', {
    SecretId: secretId,
    IncludeDeprecated: true,
  });
  const values = versions.flatMap(({ VersionId = '' }) => valueIn(VersionId) ?? []);
  const said = standIns.saidIn(current ?? '');
  const named = account.keys.all().find(({ id }) => id === said.keyId && !issuedBy.has(id));
  const isAnothers = named?.v2?.description.includes('[momento-key-rotation') ?? false;
  const isSurelyAnothers =
    named !== undefined && isIssued(facts, named.id) && isLive(facts, named.id) && isAbout(said, named);
  return {
    changedAt: Math.max(LastRotatedDate?.getTime() ?? 0, current === undefined ? 0 : createdAt(current)),
    // What the value says, whoever wrote it.
    expiresAt: said.validUntil && said.validUntil * 1000,
    isReadable: value !== undefined && isReadable(value) && isAllowed(value, configuration, name),
    isRotated: RotationEnabled,
    isRevocable: hasV2Keys,
    isManageable: !hasV2Keys || (isLetIn && standIns.isManageable()),
    isOwn: !isSurelyAnothers,
    isTellable: !hasV2Keys || (values.every(isReadable) && !isAnothers),
  };
}

const DAY_MS = 86_400_000;

/**
 * What is wrong with what a check of one secret, and perhaps of others that are not there, found; or nothing.
 *
 * @param isUndisturbed no more befell it than what it gets over by itself
 */
export function misjudged(
  invocation: Invocation,
  health: Health,
  { secretId, name: ownName }: StandIns,
  now: number,
  isUndisturbed: boolean,
): string | undefined {
  const { event, found, startedAt } = invocation;
  const { CheckSecrets: names } = event as { CheckSecrets: string[] };
  const { message, failure } = failureOf(invocation) ?? {};
  // What Secrets Manager did not answer for is told by its place.
  const accused = names.filter((name, index) => {
    const subjects = [`CheckSecrets[${index}]`, ...(name === secretId ? [ownName] : [])];
    return subjects.some((subject) => message?.includes(`${subject}: `));
  });
  const isWell = health.isReadable && health.isRotated && health.isManageable && health.isOwn;
  const isDue = (name: string) => name !== secretId || !isWell;
  if (names.some((name) => isDue(name) && !accused.includes(name))) return 'finds no fault';
  if (isUndisturbed && health.isTellable && accused.some((name) => !isDue(name))) return 'finds fault with nothing';
  if (message !== undefined && accused.length === 0) return 'fails for nothing';
  if (message !== undefined && isUndisturbed && failure !== 'operator') return 'calls nobody';
  // A command that turns it on.
  const isMended = message?.includes(`rotate-secret --secret-id ${secretId}`);
  if (health.isReadable && !health.isRotated && isUndisturbed && !isMended) return 'says nothing of how to turn it on';

  const [figures, ...others] = found.filter((each) => Object.keys(each).length > 1);
  if (others.length > 0 || (figures !== undefined && !health.isReadable)) return 'tells figures that nothing has';
  if (figures === undefined) return isUndisturbed && health.isReadable ? 'tells no figures' : undefined;
  const isAbout = (days: number | undefined, ms: number) =>
    days !== undefined && Math.abs(days * DAY_MS - ms) <= now - startedAt;
  const { name, DaysSinceLastRotation, DaysUntilKeyExpires } = figures;
  if (name !== ownName) return 'tells of another secret';
  if (!isAbout(DaysSinceLastRotation, now - health.changedAt)) return 'is wrong about the last rotation';
  const { expiresAt } = health;
  const isRight =
    expiresAt === undefined ? DaysUntilKeyExpires === undefined : isAbout(DaysUntilKeyExpires, expiresAt - now);
  if (!isRight) return 'is wrong about the expiry';
  const isCountDue = isUndisturbed && health.isRevocable && health.isTellable && health.isManageable;
  return isCountDue && figures.KeysAwaitingRevocation === undefined
    ? 'does not count what awaits revocation'
    : undefined;
}
