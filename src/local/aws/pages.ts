import type { AwsServiceError } from './error.ts';

interface PageRequest {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/**
 * One page of `items`, and the token of the one after it, if there is more.
 *
 * @param invalidToken what the service calls a `NextToken` that it never gave out
 */
export function page<T>(
  items: readonly T[],
  request: PageRequest,
  defaultSize: number,
  invalidToken: (message: string) => AwsServiceError,
): { items: T[]; next?: string } {
  const start = request.NextToken === undefined ? 0 : positionIn(request.NextToken, invalidToken);
  const end = start + (request.MaxResults ?? defaultSize);
  const rest = end < items.length ? { next: tokenOf(end) } : {};
  return { items: items.slice(start, end), ...rest };
}

const tokenOf = (position: number) => Buffer.from(`from:${position}`).toString('base64url');

function positionIn(token: string, invalidToken: (message: string) => AwsServiceError): number {
  const position = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (!position) throw invalidToken('The NextToken value is invalid.');
  return Number(position[1]);
}
