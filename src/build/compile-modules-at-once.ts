import { type Expression, type ModuleDeclaration, parse, type Statement } from 'acorn';

/**
 * Puts parentheses around the functions in which a bundle keeps its CommonJS modules.
 *
 * V8 first only scans a function, and compiles it when it is called, which scans all that is in it a second time. A
 * function in parentheses it takes for one that is called soon, and compiles at once (v8.dev, "Blazingly fast parsing,
 * part 2: lazy parsing", "PIFEs"). Nearly all of these are called while the function starts.
 *
 * @param bundle made by esbuild, where each such module is `name = helper((exports, module) => …)` at the top
 */
export function compileModulesAtOnce(bundle: string): string {
  const { body } = parse(bundle, { ecmaVersion: 'latest', sourceType: 'module' });
  let text = '';
  let done = 0;
  for (const { start, end } of body.flatMap(moduleFunctions)) {
    text += `${bundle.slice(done, start)}(${bundle.slice(start, end)})`;
    done = end;
  }
  return text + bundle.slice(done);
}

function moduleFunctions(statement: Statement | ModuleDeclaration): Expression[] {
  if (statement.type !== 'VariableDeclaration') return [];
  return statement.declarations.flatMap(({ init }) => {
    if (init?.type !== 'CallExpression' || init.callee.type !== 'Identifier') return [];
    const [first] = init.arguments;
    return first?.type === 'ArrowFunctionExpression' ? [first] : [];
  });
}
