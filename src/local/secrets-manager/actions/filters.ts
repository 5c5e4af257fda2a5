import type { Filter } from '@aws-sdk/client-secrets-manager';
import { primaryRegionOf } from '../replication.ts';
import type { Secret } from '../stored-secret.ts';

/** All filters must match; of one filter's values, any (API reference, Filter; user guide, "Find secrets"). */
export function matches(secret: Secret, filters: readonly Filter[]): boolean {
  return filters.every((filter) => (filter.Values ?? []).some((value) => matchesValue(secret, filter.Key, value)));
}

/**
 * `description` and `all` look for words, whatever the reference says of a prefix; the others, for a prefix, with an eye on
 * case (LocalStack's AWS-validated test_list_secrets_filtering, moto's AWS-verified tests of filters).
 */
function matchesValue(secret: Secret, key: Filter['Key'], value: string): boolean {
  if (value.startsWith('!')) return !matchesValue(secret, key, value.slice(1));
  if (key === 'description' || key === 'all') return matchesWords(attributes(secret, key), value);
  return attributes(secret, key).some((attribute) => attribute.startsWith(value));
}

function attributes(secret: Secret, key: Filter['Key']): string[] {
  switch (key) {
    case 'name':
      return [secret.name];
    case 'description':
      return secret.description ? [secret.description] : [];
    case 'tag-key':
      return (secret.tags ?? []).flatMap((tag) => tag.Key ?? []);
    case 'tag-value':
      return (secret.tags ?? []).flatMap((tag) => tag.Value ?? []);
    case 'primary-region':
      return [primaryRegionOf(secret) ?? []].flat();
    case 'all':
      return (['name', 'description', 'tag-key', 'tag-value', 'primary-region'] as const).flatMap((each) =>
        attributes(secret, each),
      );
    default:
      return [];
  }
}

/** Each word that is looked for begins a word of an attribute. Without a word there is no match. */
function matchesWords(texts: readonly string[], value: string): boolean {
  const there = texts.flatMap(words);
  const wanted = words(value);
  return wanted.length > 0 && wanted.every((word) => there.some((each) => each.startsWith(word)));
}

/** `prod/AppBeta` has three: prod, app, beta. A capital begins one if a small letter stands before or after it: COMPAN, Ythings. */
function words(text: string): string[] {
  const parts = text.split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})|(?=\p{Lu}\p{Ll})/u);
  return parts.filter(Boolean).map((word) => word.toLowerCase());
}
