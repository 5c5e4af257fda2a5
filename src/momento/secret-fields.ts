import { getNodeValue, type Node, parseTree } from 'jsonc-parser';
import { InvalidValueError } from '../rotation/errors.ts';
import { looksLikeApiKey } from './api-key.ts';

/** The fields of a secret's value, each with its place in the text. */
export type Fields = Map<string, Field>;

interface Field {
  /** `"name": value` */
  property: Node;
  value: Node;
}

/**
 * @param shape what is expected, for messages
 * @throws InvalidValueError when the value is no JSON object, or has a field twice
 */
export function readFields(secretString: string, shape: string): Fields {
  if (looksLikeApiKey(secretString.trim())) {
    throw new InvalidValueError(
      `It is an API key alone, which applications can use but nobody can refresh. Store it together with its refresh token, as ${shape}.`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(secretString);
  } catch {
    // The parser's message quotes the text.
    throw new InvalidValueError(`It is not JSON. Expected is ${shape}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidValueError(`It is JSON, but not an object. Expected is ${shape}.`);
  }
  const fields: Fields = new Map();
  const { children: properties } = parseTree(secretString) as { children: Node[] };
  for (const property of properties) {
    const [name, node] = property.children as [Node, Node];
    if (fields.has(name.value)) {
      throw new InvalidValueError('A field is there twice. Keep one of each.');
    }
    fields.set(name.value, { property, value: node });
  }
  return fields;
}

/**
 * The names under which the key stands: `apiKey`, or the older `authToken`. If both are there, they must agree.
 *
 * @throws InvalidValueError
 */
export function keyFields(fields: Fields, shape: string): { names: string[]; encoded: string; field: string } {
  const names = ['apiKey', 'authToken'].filter((name) => fields.has(name));
  const [field, otherName] = names;
  if (field === undefined) throw new InvalidValueError(`Field "apiKey" is missing. Expected is ${shape}.`);
  const encoded = text(fields, field, shape);
  if (otherName !== undefined && text(fields, otherName, shape) !== encoded) {
    throw new InvalidValueError(`Fields "${field}" and "${otherName}" hold different keys. Keep one of them.`);
  }
  return { names, encoded, field };
}

/** Whether a field is missing, or says nothing. */
export function isBlank(fields: Fields, name: string): boolean {
  const node = fields.get(name)?.value;
  return node === undefined || node.type === 'null' || node.value === '';
}

/** @throws InvalidValueError when it is missing, empty, or no string */
export function text(fields: Fields, name: string, shape: string): string {
  const node = fields.get(name)?.value;
  if (node === undefined) throw new InvalidValueError(`Field "${name}" is missing. Expected is ${shape}.`);
  if (node.type !== 'string') throw new InvalidValueError(`Field "${name}" is not a string. Expected is ${shape}.`);
  if (node.value === '') throw new InvalidValueError(`Field "${name}" is empty. Expected is ${shape}.`);
  return node.value;
}

/** @throws InvalidValueError when it is missing, or no epoch in seconds, as a number or a string */
export function epochSeconds(fields: Fields, name: string, shape: string): Date {
  const node = fields.get(name)?.value;
  if (node === undefined) throw new InvalidValueError(`Field "${name}" is missing. Expected is ${shape}.`);
  const value: unknown = getNodeValue(node);
  const isWholeNumber = typeof value === 'number' ? Number.isInteger(value) : /^\d+$/.test(String(value));
  const date = new Date(Number(value) * 1000);
  if (!isWholeNumber || !['string', 'number'].includes(node.type) || Number.isNaN(date.getTime())) {
    throw new InvalidValueError(`Field "${name}" is not an epoch in seconds, as a number or a string of digits.`);
  }
  return date;
}

/** What a field becomes; undefined: it is left out. */
export type Changes = Record<string, string | number | undefined>;

/**
 * The value with other contents: the same fields in the same order, a number in a string if it was in one, and every
 * character that belongs to other fields as it was. New fields come last.
 */
export function changeFields(secretString: string, fields: Fields, changes: Changes): string {
  // From the last to the first, so that the places of the others stay true.
  const edited = [...fields]
    .filter(([name]) => Object.hasOwn(changes, name))
    .sort(([, a], [, b]) => b.value.offset - a.value.offset)
    .reduce((text, [name, { value }]) => {
      const change = changes[name];
      if (change === undefined) return withoutField(text, fields, name);
      const json = JSON.stringify(value.type === 'string' ? String(change) : change);
      return splice(text, value.offset, endOf(value), json);
    }, secretString);

  const added = Object.entries(changes).filter(([name, change]) => change !== undefined && !fields.has(name));
  const end = edited.lastIndexOf('}');
  const body = edited.slice(0, end).trimEnd();
  const json = added.map(([name, change]) => `,${JSON.stringify(name)}:${JSON.stringify(String(change))}`).join('');
  return body + json + edited.slice(body.length);
}

/** Without a field that is not the only one, and without the comma that parts it from the next, or the last from the one before. */
function withoutField(text: string, fields: Fields, name: string): string {
  const properties = [...fields.values()].map(({ property }) => property);
  const index = [...fields.keys()].indexOf(name);
  const [property, next] = properties.slice(index) as [Node, Node | undefined];
  return next === undefined
    ? splice(text, endOf(properties[index - 1] as Node), endOf(property), '')
    : splice(text, property.offset, next.offset, '');
}

const endOf = ({ offset, length }: Node) => offset + length;

const splice = (text: string, start: number, end: number, replacement: string) =>
  text.slice(0, start) + replacement + text.slice(end);
