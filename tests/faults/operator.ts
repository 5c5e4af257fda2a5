import { damagedEvent } from './events.ts';
import type { Facts } from './facts.ts';
import { actHostile } from './hostile.ts';
import type { Act } from './schedule.ts';

const GARBAGE = '{"apiKey": "what an operator pasted"}';

const BINARY = Buffer.from('what is no string');

/** @throws AwsServiceError where the service refuses */
export function perform(facts: Facts, act: Act): void {
  const { world, standIns } = facts;
  const { service, secretId, account } = standIns;
  const { current, stages } = standIns.snapshot();
  const inRotation = facts.latestEvent?.ClientRequestToken ?? 'none-00000000000000000000000000000';
  const previous = Object.keys(stages).find((id) => stages[id]?.includes('AWSPREVIOUS'));
  const labelled = Object.keys(stages).find((id) => stages[id]?.includes('OPERATORS'));
  // Of the version before that.
  const older = facts.reigns.findLast(
    ({ versionId, to }) => to !== undefined && ![current, previous].includes(versionId),
  );
  const move = (label: string, to: string | undefined, from: string | undefined) =>
    service.call('UpdateSecretVersionStage', {
      SecretId: secretId,
      VersionStage: label,
      MoveToVersionId: to,
      RemoveFromVersionId: from,
    });

  if (typeof act !== 'string') {
    const { latestEvent, earlierEvents } = facts;
    if (latestEvent === undefined) return;
    if ('late' in act) {
      const late = earlierEvents.at(-1);
      if (late !== undefined) world.send({ ...late, Step: act.late });
    } else if ('repeat' in act) world.send({ ...latestEvent, Step: act.repeat });
    else world.send(damagedEvent(latestEvent, act.damage), { isKnown: false });
    return;
  }
  switch (act) {
    case 'put':
      world.putByHand(facts, standIns.freshValue());
      return;
    case 'putGarbage':
      world.putByHand(facts, GARBAGE);
      return;
    case 'putBinary':
      world.putByHand(facts, BINARY);
      return;
    case 'putPending':
      world.putByHand(facts, standIns.freshValue(), inRotation, ['AWSPENDING']);
      return;
    case 'putPendingGarbage':
      world.putByHand(facts, GARBAGE, inRotation, ['AWSPENDING']);
      return;
    case 'putPendingBinary':
      world.putByHand(facts, BINARY, inRotation, ['AWSPENDING']);
      return;
    case 'putPendingLesser':
      world.putByHand(facts, standIns.lesserValue(), inRotation, ['AWSPENDING']);
      return;
    case 'rotate':
      service.call('RotateSecret', { SecretId: secretId, ClientRequestToken: standIns.newVersionId() });
      return;
    case 'cancel':
      service.call('CancelRotateSecret', { SecretId: secretId });
      return;
    case 'unstage':
      move('AWSPENDING', undefined, standIns.snapshot().pending);
      return;
    case 'stagePrevious':
      move('AWSPENDING', previous, standIns.snapshot().pending);
      return;
    case 'rollBack':
      move('AWSCURRENT', previous, current);
      return;
    case 'putOlder':
      if (older !== undefined) world.putByHand(facts, standIns.valueIn(older.versionId) ?? GARBAGE);
      return;
    case 'moveToOlder':
      move('AWSCURRENT', older?.versionId, current);
      return;
    case 'stageOlder':
      move('AWSPENDING', older?.versionId, standIns.snapshot().pending);
      return;
    case 'putPrevious':
      if (previous !== undefined) world.putByHand(facts, standIns.valueIn(previous) ?? GARBAGE);
      return;
    case 'labelPrevious':
      move('OPERATORS', previous, labelled);
      return;
    case 'labelCurrent':
      move('OPERATORS', current, labelled);
      return;
    case 'unlabel':
      move('OPERATORS', undefined, labelled);
      return;
    case 'moveToFresh':
      move('AWSCURRENT', world.putByHand(facts, standIns.freshValue(), undefined, ['OPERATORS']), current);
      return;
    case 'promoteByHand':
      move('AWSCURRENT', inRotation, current);
      return;
    case 'replicate':
      service.markAsReplica(secretId, 'eu-west-1');
      return;
    case 'check':
      world.send({ CheckSecrets: [secretId] });
      return;
    case 'revokeRetired':
      world.send({ RevokeRetiredKeys: secretId });
      return;
    case 'revokeMany':
      world.send({ RevokeRetiredKeys: ['another/secret', standIns.name, secretId] });
      return;
    case 'checkMany':
      world.send({ CheckSecrets: ['another/secret', secretId] });
      return;
    case 'revokePending': {
      const key = standIns.keyIn(inRotation);
      if (key === undefined) return;
      account.keys.revoke(key.apiKey);
      facts.revoked.add(key.id);
      return;
    }
    default:
      actHostile(facts, act, inRotation);
  }
}
