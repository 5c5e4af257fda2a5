import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type BlockStatement, type Expression, parse, type SpreadElement, type Statement } from 'acorn';
import type { Plugin } from 'esbuild';

/**
 * The remote procedures that the function calls, by the file of `@gomomento/generated-types` that defines them, and
 * the messages that the SDK looks at although it does not send them.
 */
const USED: Record<string, { procedures: string[]; messages?: string[] }> = {
  'auth.js': { procedures: ['RefreshApiToken'], messages: ['_GenerateApiTokenRequest'] },
  'cacheclient.js': { procedures: ['Get'] },
  'controlclient.js': { procedures: [] },
  'token.js': { procedures: [] },
};

/** Leaves out of Momento's generated code what belongs to remote procedures that are never called. */
export const usedMessages: Plugin = {
  name: 'used-messages',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@gomomento[\\/]generated-types[\\/]dist[\\/][a-z]+\.js$/ }, async ({ path }) => {
      const used = USED[basename(path)];
      if (used === undefined) return undefined;
      return { contents: keepUsed(await readFile(path, 'utf8'), used.procedures, used.messages) };
    });
  },
};

/**
 * @param source as protoc-gen-ts and TypeScript write it: one namespace, in which each message and each service has a few
 *   statements
 */
function keepUsed(source: string, procedures: string[], messages: string[] = []): string {
  const namespace = findNamespace(source);
  const statements = namespace.body.map((statement) => ({
    name: definedName(statement),
    text: textOf(source, statement, procedures),
  }));
  const needed = new Set<string>();
  const need = (name: string) => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const { text } of statements.filter((statement) => statement.name === name)) {
      for (const word of text.match(/[\w$]+/g) ?? []) need(word);
    }
  };
  for (const { name } of statements) if (name !== undefined && /^Unimplemented|Client$/.test(name)) need(name);
  for (const message of messages) need(message);
  for (const name of [...procedures, ...messages]) {
    if (statements.some((statement) => statement.name === name || statement.text.includes(`${name}: {`))) continue;
    throw new Error(`There is no ${name} in this generated code of Momento. What is it called now?`);
  }

  const kept = statements.filter(({ name }) => name === undefined || needed.has(name));
  const head = source.slice(0, namespace.start + 1);
  return [head, ...kept.map(({ text }) => text), source.slice(namespace.end - 1)].join('\n');
}

/** The body of `(function (auth) { … })(auth = exports.auth || (exports.auth = {}))`. */
function findNamespace(source: string): BlockStatement {
  for (const statement of parse(source, { ecmaVersion: 'latest' }).body) {
    if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'CallExpression') continue;
    const { callee } = statement.expression;
    if (callee.type === 'FunctionExpression') return callee.body;
  }
  throw new Error('There is no namespace in this generated code of Momento. Has its generator changed?');
}

/** The message, enumeration or service that a statement belongs to; undefined for a declaration of variables. */
function definedName(statement: Statement): string | undefined {
  if (statement.type === 'ClassDeclaration') return statement.id.name;
  if (statement.type !== 'ExpressionStatement') return undefined;
  const { expression } = statement;
  // (function (Name) { … })(Name = …)
  return assignedName(expression.type === 'CallExpression' ? expression.arguments[0] : expression);
}

function assignedName(expression: Expression | SpreadElement | undefined): string | undefined {
  if (expression?.type !== 'AssignmentExpression') return undefined;
  const { left, right } = expression;
  if (left.type === 'Identifier') return left.name;
  // namespace.Name = Name
  if (right.type === 'Identifier') return right.name;
  // Name.definition = …
  return left.type === 'MemberExpression' && left.object.type === 'Identifier' ? left.object.name : undefined;
}

/** The text of a statement. Of a service's definition, only what is about these procedures. */
function textOf(source: string, statement: Statement, procedures: string[]): string {
  const text = source.slice(statement.start, statement.end);
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression') return text;
  const { left, right } = statement.expression;
  if (right.type !== 'ObjectExpression') return text;
  const used = right.properties.filter(
    (property) =>
      property.type === 'Property' && property.key.type === 'Identifier' && procedures.includes(property.key.name),
  );
  const properties = used.map(({ start, end }) => source.slice(start, end));
  return `${source.slice(left.start, left.end)} = {${properties.join(',')}};`;
}
