import { SecretsManagerError } from '../errors.ts';

interface PageRequest {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** One page of `items`, and the token of the one after it, if there is more. */
export function page<T>(items: readonly T[], request: PageRequest, defaultSize: number): { items: T[]; next?: string } {
  const start = request.NextToken === undefined ? 0 : positionIn(request.NextToken);
  const end = start + (request.MaxResults ?? defaultSize);
  const rest = end < items.length ? { next: tokenOf(end) } : {};
  return { items: items.slice(start, end), ...rest };
}

const tokenOf = (position: number) => Buffer.from(`from:${position}`).toString('base64url');

function positionIn(token: string): number {
  const position = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (!position) throw new SecretsManagerError('InvalidNextTokenException', 'The NextToken value is invalid.');
  return Number(position[1]);
}
