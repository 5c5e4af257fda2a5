import type { LocalMomento } from '../momento/momento.ts';

/** What differs between the kinds of keys, as far as a rehearsal goes. */
export interface KeyKind {
  /** What it is, for the reader. */
  title: string;
  /** What createSecret does, for the reader. */
  succession: string;
  /** For how long the key before goes on working, for the reader. */
  predecessorWorks: string;
  /** Momento's calls by which a successor is issued, by their names on the wire; the last one issues it. */
  issuingCalls: readonly ('RefreshApiToken' | 'ListApiKeys' | 'GenerateApiKey')[];
  /** A key out of nothing, as the console issues it: the value of a secret. */
  issue(momento: LocalMomento): string;
  /** The value of another secret, with the key that manages this one. Without: none does, or it does so itself. */
  issueAdminKey?(momento: LocalMomento): string;
  /** The role that the other one may give. */
  roleId?: string;
  /** Whether superseded keys are revoked. Otherwise they live until they expire. */
  isRevocable: boolean;
  /** What to mind with the successor of a real key, and where there is none, for the reader. */
  fromNowOn: string;
  ifNotStored: string;
}

const v2 = {
  succession: 'a key with the same role is staged as AWSPENDING',
  predecessorWorks: 'until it is revoked',
  issuingCalls: ['ListApiKeys', 'GenerateApiKey'],
  isRevocable: true,
  fromNowOn: 'the key in --key-file works until somebody revokes it.',
  ifNotStored: 'look for one in the Momento console that nobody holds.',
} as const;

export const keyKinds = {
  v1: {
    title: 'a v1 key, which is refreshed',
    succession: 'a refreshed key is staged as AWSPENDING',
    predecessorWorks: 'until it expires',
    issuingCalls: ['RefreshApiToken'],
    issue: (momento) => momento.issueKey().secretString,
    isRevocable: false,
    fromNowOn: 'its refresh token is the one to refresh with.',
    ifNotStored: 'its refresh token may have been used.',
  },
  v2: {
    ...v2,
    title: 'a v2 key, which is replaced and revoked by means of the key in another secret',
    issue: (momento) => momento.issueV2Key({ roleId: 'operator', description: 'an application' }).secretString,
    roleId: 'operator',
    issueAdminKey: (momento) => issueAdminKey(momento, 'never'),
  },
  'v2-self-managed': {
    ...v2,
    title: 'a v2 key, which is replaced and revoked by means of itself',
    issue: (momento) => issueAdminKey(momento),
  },
} satisfies Record<string, KeyKind>;

export type KeyKindName = keyof typeof keyKinds;

/** A key that may manage keys. */
export function issueAdminKey(momento: LocalMomento, validForSeconds?: number | 'never'): string {
  const lifetime = validForSeconds === undefined ? {} : { validForSeconds };
  return momento.issueV2Key({ roleId: 'owner', description: 'manages keys', ...lifetime }).secretString;
}
