import type { Tag, TagResourceRequest, UntagResourceRequest } from '@aws-sdk/client-secrets-manager';
import { invalidParameter } from '../secrets-manager-errors.ts';
import type { Secret } from '../stored-secret.ts';
import type { Context } from './context.ts';

/** Service quotas for tagging, AWS General Reference. */
const TAGS_PER_SECRET = 50;

export function requireTags(tags: readonly Tag[]): void {
  const keys = tags.map((tag) => tag.Key ?? '');
  if (new Set(keys).size > TAGS_PER_SECRET)
    throw invalidParameter(`A secret can have at most ${TAGS_PER_SECRET} tags.`);
  if (new Set(keys).size < keys.length) throw invalidParameter('Tags has the same key twice.');
  if (keys.some((key) => /^aws:/i.test(key)))
    throw invalidParameter('A tag key must not begin with aws:, which is reserved.');
}

/** No tags where there never were any stay absent. */
export function setTags(secret: Secret, tags: readonly Tag[]): void {
  if (secret.tags || tags.length > 0) secret.tags = [...tags];
}

export function tagResource(context: Context, input: TagResourceRequest): Record<string, never> {
  const added = input.Tags ?? [];
  requireTags(added);
  const secret = context.secrets.findWritable(input.SecretId);
  const untouched = (secret.tags ?? []).filter((tag) => !added.some(({ Key }) => Key === tag.Key));
  const tags = [...untouched, ...added];
  requireTags(tags);
  setTags(secret, tags);
  secret.lastChangedDate = context.now();
  return {};
}

export function untagResource(context: Context, input: UntagResourceRequest): Record<string, never> {
  const secret = context.secrets.findWritable(input.SecretId);
  if (secret.tags)
    setTags(
      secret,
      secret.tags.filter((tag) => !input.TagKeys?.includes(tag.Key ?? '')),
    );
  secret.lastChangedDate = context.now();
  return {};
}
