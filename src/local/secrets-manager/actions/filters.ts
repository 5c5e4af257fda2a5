import type { Filter } from '@aws-sdk/client-secrets-manager';
import type { Secret } from '../stored-secret.ts';

/** All filters must match; of one filter's values, any (API reference, Filter; user guide, "Find secrets"). */
export function matches(secret: Secret, filters: readonly Filter[]): boolean {
  return filters.every((filter) => (filter.Values ?? []).some((value) => matchesValue(secret, filter.Key, value)));
}

function matchesValue(secret: Secret, key: Filter['Key'], value: string): boolean {
  if (value.startsWith('!')) return !matchesValue(secret, key, value.slice(1));
  if (key === 'all') return words(value).every((word) => everything(secret).some((text) => text.includes(word)));
  if (key === 'description') return (secret.description ?? '').toLowerCase().startsWith(value.toLowerCase());
  return attributes(secret, key).some((attribute) => attribute.startsWith(value));
}

function attributes(secret: Secret, key: Filter['Key']): string[] {
  switch (key) {
    case 'name':
      return [secret.name];
    case 'tag-key':
      return secret.tags.flatMap((tag) => tag.Key ?? []);
    case 'tag-value':
      return secret.tags.flatMap((tag) => tag.Value ?? []);
    case 'primary-region':
      return secret.primaryRegion ? [secret.primaryRegion] : [];
    default:
      return [];
  }
}

const words = (value: string) => value.toLowerCase().split(/\s+/).filter(Boolean);

function everything(secret: Secret): string[] {
  const keys = ['name', 'tag-key', 'tag-value', 'primary-region'] as const;
  const texts = keys.flatMap((key) => attributes(secret, key));
  return [...texts, secret.description ?? ''].map((text) => text.toLowerCase());
}
