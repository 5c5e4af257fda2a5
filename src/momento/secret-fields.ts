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
      `It is an API key alone, which applications can use, but which says too little to be succeeded. Store it as ${shape}.`,
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

/**
 * What only names something: it is spoken about, and must be no key.
 *
 * @throws InvalidValueError when it is missing, empty, no string, or an API key
 */
export function name(fields: Fields, field: string, shape: string): string {
  const value = text(fields, field, shape);
  if (!looksLikeApiKey(value.trim())) return value;
  throw new InvalidValueError(`Field "${field}" holds an API key, and should name something. Expected is ${shape}.`);
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
  const contents = new Map(Object.entries(changes));
  const places = [...fields].map(([name, field], index, all) => {
    const before = all[index - 1]?.[1].property;
    const parting = before === undefined ? '' : secretString.slice(endOf(before), field.property.offset);
    return { name, parting, field };
  });
  const [first, last] = [places.at(0), places.at(-1)].map((place) => place?.field.property as Node) as [Node, Node];
  const kept = places.filter(({ name }) => !contents.has(name) || contents.get(name) !== undefined);
  const body = kept.map(({ name, parting, field: { property, value } }, index) => {
    const text = secretString.slice(property.offset, endOf(property));
    const change = contents.get(name);
    const json = JSON.stringify(value.type === 'string' ? String(change) : change);
    const changed = change === undefined ? text : text.slice(0, value.offset - property.offset) + json;
    return (index === 0 ? '' : parting) + changed;
  });
  const added = [...contents].filter(([name, change]) => change !== undefined && !fields.has(name));
  const json = added.map(([name, change]) => `,${JSON.stringify(name)}:${JSON.stringify(String(change))}`);
  return [secretString.slice(0, first.offset), ...body, ...json, secretString.slice(endOf(last))].join('');
}

const endOf = ({ offset, length }: Node) => offset + length;
