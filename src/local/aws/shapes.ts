/**
 * What a request may hold: the members, types and limits of a service's model. Messages name the member and its limit, never
 * what it held.
 */
import { serialization, validation } from './error.ts';

export type Shape =
  | { kind: 'boolean' }
  | { kind: 'blob'; max: number }
  | { kind: 'integer'; min: number; max: number }
  | { kind: 'string'; min?: number; max: number; pattern?: RegExp; bytes?: boolean; oneOf?: readonly string[] }
  | { kind: 'list'; member: Shape; min?: number; max?: number }
  | { kind: 'structure'; required?: readonly string[]; members: Record<string, Shape> };

export type Structure = Extract<Shape, { kind: 'structure' }>;

export const text = (min: number, max: number, pattern?: RegExp): Shape => ({
  kind: 'string',
  min,
  max,
  ...(pattern && { pattern }),
});
export const whole = (min: number, max: number): Shape => ({ kind: 'integer', min, max });
export const flag: Shape = { kind: 'boolean' };
export const choice = (...oneOf: string[]): Shape => ({ kind: 'string', max: Number.POSITIVE_INFINITY, oneOf });
export const list = (member: Shape, min = 0, max = Number.POSITIVE_INFINITY): Shape => ({
  kind: 'list',
  member,
  min,
  max,
});
export const structure = (members: Record<string, Shape>, required: string[] = []): Structure => ({
  kind: 'structure',
  members,
  required,
});

/**
 * Turns the JSON of a request into an action's input. Members that the shape does not have are dropped.
 * @throws SerializationException for a member of the wrong type.
 */
export function decode(shape: Shape, json: unknown, path = 'The request'): unknown {
  const wrong = (expected: string) => serialization(`${path} must be ${expected}.`);
  switch (shape.kind) {
    case 'boolean':
      if (typeof json !== 'boolean') throw wrong('a boolean');
      return json;
    case 'integer':
      if (!Number.isInteger(json)) throw wrong('an integer');
      return json;
    case 'string':
      if (typeof json !== 'string') throw wrong('a string');
      return json;
    case 'blob':
      if (typeof json !== 'string') throw wrong('a string in base64');
      return Uint8Array.from(Buffer.from(json, 'base64'));
    case 'list':
      if (!Array.isArray(json)) throw wrong('a list');
      return json.map((member: unknown, index) => decode(shape.member, member, `${path}[${index}]`));
    case 'structure': {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong('an object');
      const given = Object.entries(json).filter(([, member]) => member !== null);
      const known = given.flatMap(([name, member]) => {
        const memberShape = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
        return memberShape ? [[name, decode(memberShape, member, name)] as const] : [];
      });
      return Object.fromEntries(known);
    }
  }
}

/** @throws ValidationException for a member that is missing or outside its limits. */
export function check(shape: Shape, input: unknown, path = ''): void {
  switch (shape.kind) {
    case 'string':
      if (typeof input === 'string') checkText(shape, input, path);
      return;
    case 'blob':
      if (input instanceof Uint8Array && input.length > shape.max) fail(path, atMost('length', shape.max));
      return;
    case 'integer':
      if (typeof input === 'number') checkRange('value', input, shape, path);
      return;
    case 'list':
      if (!Array.isArray(input)) return;
      checkRange('length', input.length, shape, path);
      for (const [index, member] of input.entries()) check(shape.member, member, `${path}.${index + 1}.member`);
      return;
    case 'structure': {
      const given = new Map<string, unknown>(Object.entries(input ?? {}));
      for (const [name, member] of Object.entries(shape.members)) {
        const memberPath = [path, lowerFirst(name)].filter(Boolean).join('.');
        if (given.get(name) !== undefined) check(member, given.get(name), memberPath);
        else if (shape.required?.includes(name)) fail(memberPath, 'Member must not be null');
      }
    }
  }
}

function checkText(shape: Extract<Shape, { kind: 'string' }>, input: string, path: string): void {
  checkRange('length', shape.bytes ? Buffer.byteLength(input) : input.length, shape, path);
  if (shape.pattern && !shape.pattern.test(input))
    fail(path, `Member must satisfy regular expression pattern: ${shape.pattern.source}`);
  if (shape.oneOf && !shape.oneOf.includes(input))
    fail(path, `Member must satisfy enum value set: [${shape.oneOf.join(', ')}]`);
}

const atMost = (what: string, max: number) => `Member must have ${what} less than or equal to ${max}`;

function checkRange(
  what: string,
  actual: number,
  { min = 0, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number },
  path: string,
): void {
  if (actual < min) fail(path, `Member must have ${what} greater than or equal to ${min}`);
  if (actual > max) fail(path, atMost(what, max));
}

function fail(path: string, constraint: string): never {
  throw validation(`1 validation error detected: Value at '${path}' failed to satisfy constraint: ${constraint}`);
}

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
