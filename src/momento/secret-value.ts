import { getNodeValue, type Node, parseTree } from 'jsonc-parser';
import type { Credential } from '../rotation/credential.ts';
import { InvalidValueError } from '../rotation/errors.ts';
import { type ApiKey, isV2ApiKey, looksLikeApiKey, readApiKey } from './api-key.ts';

/** The value of a secret that holds a v1 API key. Sensitive. */
export interface SecretValue extends Credential {
  apiKey: ApiKey;
  refreshToken: string;
  expiresAt: Date;
  /**
   * The value with another key in it: the same fields in the same order, `validUntil` in the type it had, and every
   * character that belongs to other fields as it was.
   */
  withKey(key: FreshKey): string;
}

/** What Momento hands out for a refresh token. Sensitive. */
interface FreshKey {
  apiKey: string;
  refreshToken: string;
  /** Epoch in seconds. */
  validUntil: number;
}

const SHAPE = '{"apiKey": …, "refreshToken": …, "validUntil": …}, as the Momento console downloads it';

/**
 * Reads a secret's value: `{"apiKey", "refreshToken", "validUntil"}`, or with the older name `authToken` for the key.
 * `validUntil` is an epoch in seconds, as a number or a string. If both names of the key are there, they must agree.
 *
 * @throws InvalidValueError
 */
export function readSecretValue(secretString: string): SecretValue {
  const fields = readFields(secretString);

  const keyFields = ['apiKey', 'authToken'].filter((name) => fields.has(name));
  const [keyField, otherName] = keyFields;
  if (keyField === undefined) {
    throw new InvalidValueError(`Field "apiKey" is missing. Expected is ${SHAPE}.`);
  }
  const encoded = text(fields, keyField);
  if (otherName !== undefined && text(fields, otherName) !== encoded) {
    throw new InvalidValueError(`Fields "${keyField}" and "${otherName}" hold different keys. Keep one of them.`);
  }
  if (isV2ApiKey(encoded)) {
    throw new InvalidValueError(
      `Field "${keyField}" is a v2 API key, which has no refresh token. Use a v1 key with an expiry, generated with a refresh token.`,
    );
  }
  const apiKey = readApiKey(encoded, keyField);

  if (isBlank(fields, 'refreshToken') && isBlank(fields, 'validUntil')) {
    throw new InvalidValueError(
      'Fields "refreshToken" and "validUntil" are missing: a key that never expires cannot be refreshed. Use a key with an expiry, which comes with a refresh token.',
    );
  }
  const refreshToken = text(fields, 'refreshToken');
  const expiresAt = epochSeconds(fields, 'validUntil');

  return {
    apiKey,
    refreshToken,
    expiresAt,
    withKey: (key) =>
      replaceValues(secretString, fields, [
        ...keyFields.map((name) => [name, key.apiKey] as const),
        ['refreshToken', key.refreshToken],
        ['validUntil', fields.get('validUntil')?.type === 'string' ? String(key.validUntil) : key.validUntil],
      ]),
  };
}

/** The object's fields, each with the place of its value in the text. */
type Fields = Map<string, Node>;

function readFields(secretString: string): Fields {
  if (looksLikeApiKey(secretString.trim())) {
    throw new InvalidValueError(
      `It is an API key alone, which applications can use but nobody can refresh. Store it together with its refresh token, as ${SHAPE}.`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(secretString);
  } catch {
    // The parser's message quotes the text.
    throw new InvalidValueError(`It is not JSON. Expected is ${SHAPE}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidValueError(`It is JSON, but not an object. Expected is ${SHAPE}.`);
  }
  const fields: Fields = new Map();
  const { children: properties } = parseTree(secretString) as { children: Node[] };
  for (const property of properties) {
    const [name, node] = property.children as [Node, Node];
    if (fields.has(name.value)) {
      throw new InvalidValueError('A field is there twice. Keep one of each.');
    }
    fields.set(name.value, node);
  }
  return fields;
}

function isBlank(fields: Fields, name: string): boolean {
  const node = fields.get(name);
  return node === undefined || node.type === 'null' || node.value === '';
}

function text(fields: Fields, name: string): string {
  const node = fields.get(name);
  if (node === undefined) throw new InvalidValueError(`Field "${name}" is missing. Expected is ${SHAPE}.`);
  if (node.type !== 'string') throw new InvalidValueError(`Field "${name}" is not a string. Expected is ${SHAPE}.`);
  if (node.value === '') throw new InvalidValueError(`Field "${name}" is empty. Expected is ${SHAPE}.`);
  return node.value;
}

function epochSeconds(fields: Fields, name: string): Date {
  const node = fields.get(name);
  if (node === undefined) throw new InvalidValueError(`Field "${name}" is missing. Expected is ${SHAPE}.`);
  const value: unknown = getNodeValue(node);
  const isWholeNumber = typeof value === 'number' ? Number.isInteger(value) : /^\d+$/.test(String(value));
  const date = new Date(Number(value) * 1000);
  if (!isWholeNumber || !['string', 'number'].includes(node.type) || Number.isNaN(date.getTime())) {
    throw new InvalidValueError(`Field "${name}" is not an epoch in seconds, as a number or a string of digits.`);
  }
  return date;
}

/** Replaces values where they stand, from the last to the first, so that the places of the others stay true. */
function replaceValues(
  text: string,
  fields: Fields,
  replacements: readonly (readonly [name: string, value: string | number])[],
): string {
  return replacements
    .map(([name, value]) => ({ node: fields.get(name) as Node, json: JSON.stringify(value) }))
    .sort((a, b) => b.node.offset - a.node.offset)
    .reduce((edited, { node, json }) => {
      return edited.slice(0, node.offset) + json + edited.slice(node.offset + node.length);
    }, text);
}
