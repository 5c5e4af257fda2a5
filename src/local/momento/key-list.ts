import type { Key, Keys } from './keys.ts';
import type { Behaviour } from './momento-behaviour.ts';
import { StatusError } from './status-error.ts';

export interface ListRequest {
  /** 1 to 100. @default {@link Behaviour.defaultPageSize} */
  limit?: number;
  /** Of the page before. */
  nextToken?: string;
}

export interface KeyPage {
  keys: Key[];
  /** There may be more. */
  nextToken?: string;
}

/** What the list of v2 keys shows, which can lag behind what is true. A list begins with a page that is asked for without a token. */
export interface KeyList {
  generated(key: Key): void;
  revoked(key: Key): void;
  /** @throws {StatusError} `INVALID_ARGUMENT` for a limit out of range, and a token that is unknown. */
  page(request: ListRequest): KeyPage;
}

const LARGEST_PAGE = 100;

export function createKeyList(keys: Keys, behaviour: Behaviour, now: () => Date): KeyList {
  const { newKeyListedAfterLists, newKeyListedAfterSeconds, revokedKeyListedForLists } = behaviour;
  const { expiredKeys, listOrder, paging } = behaviour;
  let listsBegun = 0;
  /** How many lists had been begun when it happened, by the key's id. */
  const generatedAfter = new Map<string, number>();
  const revokedAfter = new Map<string, number>();
  /** Epoch in milliseconds, by the key's id. */
  const generatedAt = new Map<string, number>();

  function lags(event: ReadonlyMap<string, number>, { id }: Key, lists: number): boolean {
    const before = event.get(id);
    return before !== undefined && lists > 0 && listsBegun - before <= lists;
  }

  function isShown(key: Key): boolean {
    if (lags(generatedAfter, key, newKeyListedAfterLists)) return false;
    const listedFrom = (generatedAt.get(key.id) ?? Number.NEGATIVE_INFINITY) + 1000 * newKeyListedAfterSeconds;
    if (now().getTime() < listedFrom) return false;
    const state = keys.stateOf(key.apiKey);
    if (state === 'revoked') return lags(revokedAfter, key, revokedKeyListedForLists);
    return state === 'good' || expiredKeys === 'kept';
  }

  function inOrder(): Key[] {
    const all = keys.all().filter(({ v2 }) => v2);
    return listOrder === 'oldestFirst' ? all : all.reverse();
  }

  /** Where the page of that token begins: in what is shown if pages shift, else in all keys. */
  function startOf(nextToken: string, all: readonly Key[]): number {
    const mark = readToken(nextToken);
    if (paging === 'shifting' && /^\d{1,9}$/.test(mark)) return Number(mark);
    const index = all.findIndex(({ id }) => id === mark);
    if (index === -1) throw unknownToken();
    return index + 1;
  }

  /** The keys of this page and the pages after it, and of sparse pages also those that take a place and are not shown. */
  function rest(all: readonly Key[], start: number): Key[] {
    switch (paging) {
      case 'stable':
        return all.slice(start).filter(isShown);
      case 'shifting':
        return all.filter(isShown).slice(start);
      case 'sparse':
        return all.slice(start);
    }
  }

  return {
    generated({ id }) {
      generatedAfter.set(id, listsBegun);
      generatedAt.set(id, now().getTime());
    },
    revoked: ({ id }) => void revokedAfter.set(id, listsBegun),
    page({ limit = behaviour.defaultPageSize, nextToken }) {
      if (!(Number.isInteger(limit) && limit >= 1 && limit <= LARGEST_PAGE)) {
        throw new StatusError('INVALID_ARGUMENT', `limit must be a whole number from 1 to ${LARGEST_PAGE}`);
      }
      if (nextToken === undefined) listsBegun += 1;
      const all = inOrder();
      const start = nextToken === undefined ? 0 : startOf(nextToken, all);
      const candidates = rest(all, start);
      const page = candidates.slice(0, limit);
      const last = page.at(-1);
      if (!last || candidates.length <= limit) return { keys: page.filter(isShown) };
      const mark = paging === 'shifting' ? String(start + limit) : last.id;
      return { keys: page.filter(isShown), nextToken: writeToken(mark) };
    },
  };
}

const unknownToken = () => new StatusError('INVALID_ARGUMENT', 'next_token is unknown');

/** Its base64 begins with `+`, so that a client that does not encode it in a URL is found out. */
const TOKEN_BEGINS = '\xfb';

function writeToken(mark: string): string {
  return Buffer.from(TOKEN_BEGINS + mark, 'latin1').toString('base64');
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString('latin1');
  if (!text.startsWith(TOKEN_BEGINS)) throw unknownToken();
  return text.slice(TOKEN_BEGINS.length);
}
