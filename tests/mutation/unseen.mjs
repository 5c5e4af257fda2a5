/** What no invariant can see, by the name of the function that it is in, each with why. Unit tests see it. */
const UNSEEN = {
  jitter: 'By how much pauses grow, and how much of that is chance: the campaign asks only that there is a pause.',
  concise: 'How long a message may be: none in the campaign is as long.',
  kindOf: 'What a defect is called: there is none in the campaign.',
  explainRefusal: 'In which words a refusal is explained, for which it looks whether the key still works.',
};

/** @param {import('@babel/core').NodePath} path */
function shouldIgnore(path) {
  const { type, id } = path.node;
  const isFunction = type === 'FunctionDeclaration' || type === 'VariableDeclarator';
  return isFunction ? UNSEEN[id.name] : undefined;
}

export const strykerPlugins = [{ kind: 'Ignore', name: 'unseen', value: { shouldIgnore } }];
