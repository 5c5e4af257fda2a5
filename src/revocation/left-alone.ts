import type { Report } from '../rotation/report.ts';
import type { Survey } from './survey.ts';

export const ANOTHER_SECRETS_KEY =
  'The key in the current value (AWSCURRENT) was issued for another secret, or for one of this name that was deleted. It is revoked when that one has no use for it any more, and not from here. Store a key of its own in each secret, or rotate this one.';

/** The most that is named in one line. */
const MOST_NAMED = 3;

/**
 * Says what is live and is not revoked, since it is not provably of this function's making.
 *
 * @param currentVersion what the version holds that is current now is in use
 */
export function reportLeftAlone(
  report: Report,
  secretArn: string,
  { registry, plan }: Pick<Survey, 'registry' | 'plan'>,
  currentVersion: string | undefined,
): void {
  const commands = (keys: readonly { id: string }[]) =>
    keys
      .slice(0, MOST_NAMED)
      .map(({ id }) => registry.howToRevoke(id))
      .join('; ');
  const { byHand, unproven } = plan;
  const superseded = byHand.filter(({ versionId }) => versionId !== currentVersion);
  if (superseded.length > 0) {
    report.warn(
      `Keys of ${secretArn} that this function did not issue, and leaves alone: ${superseded.length}. They are named here as long as their successors work. To revoke those that nobody uses: ${commands(superseded)}`,
    );
  }
  if (unproven.length > 0) {
    report.warn(
      `Keys whose descriptions claim that they were issued for ${secretArn}, which cannot be proved, and which are left alone: ${unproven.length}. A description can be copied. To revoke those that nobody uses: ${commands(unproven)}`,
    );
  }
}
