import { wrapV1Key } from '../../src/local/momento/v1-key.ts';
import { createV2ApiKey } from '../../src/local/momento/v2-key.ts';
import { ADMIN_ROLE, ROLE } from './configuration.ts';
import type { Facts } from './facts.ts';
import type { HOSTILE_ACTS } from './schedule.ts';

type HostileAct = (typeof HOSTILE_ACTS)[number];

/** Hosts that are none of Momento's, and look like one of them to whoever compares texts. */
const FOREIGN_HOSTS = [
  'collector.example.net',
  'cell.example.com.example.net',
  'cellexample.com',
  'cell.example.com@collector.example.net',
  'collector.example.net/cell.example.com',
  'collector.example.net:443',
  '127.0.0.1:8080',
];

/** Under which all of those are. */
export const FOREIGN_DOMAINS = ['example.net', 'cellexample.com', '127.0.0.1'];

/**
 * What somebody does who may write the secret, and nothing else; or who may make keys in Momento, and copies a description.
 *
 * @throws AwsServiceError where the service refuses
 */
export function actHostile(facts: Facts, act: HostileAct, inRotation: string): void {
  const { world, standIns } = facts;
  const { account, foreign, valueIn, snapshot, freshValue } = standIns;
  const write = (change: object) =>
    world.putByHand(facts, JSON.stringify({ ...fieldsOf(valueIn(snapshot().current ?? '')), ...change }));
  const fill = (value: object) => world.putByHand(facts, JSON.stringify(value), inRotation, ['AWSPENDING']);
  const issue = (roleId: string, description: string, lifetime?: number) => {
    const key = account.issueV2Key({ roleId, description, ...(lifetime !== undefined && { lifetime }) });
    foreign.add(key.id);
    return key;
  };
  switch (act) {
    case 'writeRole':
      write({ roleId: ADMIN_ROLE });
      return;
    case 'writeHost':
      write(withForeignHost(facts));
      return;
    case 'fillHost':
      fill({ ...fieldsOf(valueIn(snapshot().current ?? '')), ...withForeignHost(facts) });
      return;
    case 'writeAdminSecret':
      write({ adminSecret: world.all.find((each) => each !== facts)?.standIns.name ?? 'momento/another' });
      return;
    case 'writeKeyId':
      write({ keyId: strangersKey(facts) });
      return;
    case 'writeManagersKeyId':
      write({ keyId: account.keys.all().find(({ v2 }) => v2?.role.roleId === ADMIN_ROLE)?.id });
      return;
    case 'writeShorterKeyId':
      write({ keyId: issue(ROLE, 'by hand', A_WEEK).id });
      return;
    case 'writeExpiringKeyId':
      write({ keyId: issue(ROLE, 'by hand', A_WEEK).id, validUntil: undefined });
      return;
    case 'fillKeyId':
      fill({ ...fieldsOf(freshValue()), keyId: strangersKey(facts) });
      return;
    case 'writeCopy': {
      const other = world.all.find((each) => each !== facts);
      const value = other?.standIns.valueIn(other.last.current ?? '');
      if (value !== undefined) world.putByHand(facts, value);
      return;
    }
    case 'copyDescription': {
      // As far as they see it.
      const until = world.simulation.now / 1000 - LISTED_AFTER_SECONDS;
      const latest = account.keys
        .all()
        .findLast(
          ({ id, issuedAt, apiKey }) => facts.issuedBy.has(id) && issuedAt < until && account.keys.isValid(apiKey),
        );
      if (latest?.v2 !== undefined) issue(ROLE, latest.v2.description);
    }
  }
}

/** In seconds: no other key's lifetime. */
const A_WEEK = 604_800;

/** By then any list has a new key. */
const LISTED_AFTER_SECONDS = 1800;

/** The id of one that nobody issued for the secret: another secret's, if there is one, or one made by hand. */
function strangersKey({ world, standIns, acts }: Facts): string {
  const others = world.all.filter((each) => each.standIns !== standIns);
  const ids = [...standIns.foreign, ...others.flatMap(({ issuedBy }) => [...issuedBy.keys()])];
  return ids[acts % ids.length] ?? '';
}

/** Text of a key's shape, and where it is to be sent. */
function withForeignHost({ standIns, acts }: Facts): object {
  const host = FOREIGN_HOSTS[acts % FOREIGN_HOSTS.length] ?? '';
  if (!standIns.hasV2Keys) return { apiKey: wrapV1Key(host, createV2ApiKey()) };
  return { apiKey: createV2ApiKey(), endpoint: host, keyId: 'x', refreshToken: undefined };
}

function fieldsOf(value = '{}'): object {
  try {
    return JSON.parse(value) as object;
  } catch {
    return {};
  }
}
