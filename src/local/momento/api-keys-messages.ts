import type { ListRequest } from './key-list.ts';
import type { GenerateRequest } from './key-management.ts';
import type { Key } from './keys.ts';
import { StatusError } from './status-error.ts';

/** The one account that there is. */
const ACCOUNT_ID = 'local';

/** Far more than a sensible request has (assumed). */
const LONGEST_BODY = 16_384;

/** What the HTTP API tells of a v2 key. */
export function keyInfo({ id, v2, issuedAt, validUntil }: Key) {
  return {
    key_id: id,
    account_id: ACCOUNT_ID,
    description: v2?.description,
    role_id: v2?.role.roleId,
    ...(validUntil !== undefined && { expires_at_epoch_seconds: validUntil }),
    issued_at_epoch_seconds: issuedAt,
  };
}

/** @throws {StatusError} `INVALID_ARGUMENT` for a body that is too long, no JSON object, or has a field of another type. */
export function readGenerateRequest(body: string): GenerateRequest {
  if (body.length > LONGEST_BODY) throw invalid(`the body must not exceed ${LONGEST_BODY} characters`);
  const { role_id: roleId, description, expiry } = parseObject(body);
  if (typeof roleId !== 'string') throw invalid('role_id must be a string');
  if (description !== undefined && typeof description !== 'string') throw invalid('description must be a string');
  if (expiry !== 'never' && typeof expiry !== 'number') throw invalid('expiry must be "never" or epoch seconds');
  return { roleId, expiry, ...(description !== undefined && { description }) };
}

/** @throws {StatusError} `INVALID_ARGUMENT` for a limit that is no number. */
export function readListRequest(query: URLSearchParams): ListRequest {
  const limit = query.get('limit');
  const nextToken = query.get('next_token');
  if (limit !== null && !/^\d{1,9}$/.test(limit)) throw invalid('limit must be a whole number');
  return { ...(limit !== null && { limit: Number(limit) }), ...(nextToken !== null && { nextToken }) };
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(body);
    if (typeof content === 'object' && content !== null) return { ...content };
  } catch {
    // As below.
  }
  throw invalid('the body must be a JSON object');
}

const invalid = (message: string) => new StatusError('INVALID_ARGUMENT', message);
