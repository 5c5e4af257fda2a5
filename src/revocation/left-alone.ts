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
      `Keys before the current one of ${secretArn} that this function did not issue, and does not revoke: ${superseded.length}. They are named as long as their successor is live. To revoke what nobody uses any more: ${commands(superseded)}`,
    );
  }
  if (unproven.length > 0) {
    report.warn(
      `Keys that say of themselves that they were issued for ${secretArn}, which cannot be proved, so that this function does not revoke them: ${unproven.length}. Their descriptions may be copies. To revoke what nobody uses: ${commands(unproven)}`,
    );
  }
}
