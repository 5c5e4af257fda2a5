import { EventEmitter } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createScreen, type Screen } from '../../../src/local/rehearsal/screen.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Everything that is written, to a terminal that is so wide, or else to something that is none. */
function screenOn(columns?: number): { screen: Screen; written: () => string } {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  const out = Object.assign(new EventEmitter(), { isTTY: columns !== undefined, columns, write });
  return { screen: createScreen(out as unknown as NodeJS.WriteStream), written: () => text };
}

/** What stands in a terminal's lines in the end. */
const seen = (written: string) =>
  written.split('\n').map((line) => stripVTControlCharacters(line.split('\u001b[2K').at(-1) ?? ''));

const MESSAGE =
  'Momento refuses the pending key (AUTHENTICATION_ERROR), and went on refusing it. AWSPENDING was taken off version ca762cca.';

test('lines are wrapped at words, as wide as the terminal is, and the rest is indented', () => {
  const { screen, written } = screenOn(60);
  screen.bad(`testSecret    5138 ms   ${MESSAGE}`);
  screen.line(MESSAGE);
  screen.detail(MESSAGE);
  screen.heading(MESSAGE);
  const lines = seen(written());
  expect(lines.slice(0, 3)).toEqual([
    '  ✖ testSecret    5138 ms   Momento refuses the pending',
    '      key (AUTHENTICATION_ERROR), and went on refusing it.',
    '      AWSPENDING was taken off version ca762cca.',
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(lines.join(' ').replaceAll(/ +/g, ' ').split(MESSAGE)).toHaveLength(5);
});

test('what is to be copied, what was logged and a long word are never broken, nor anything where there is no terminal', () => {
  const terminal = screenOn(40);
  const word = 'x'.repeat(100);
  terminal.screen.command(`aws secretsmanager rotate-secret --secret-id ${word}`);
  terminal.screen.log(`{"message":"a b c ${word}"}`);
  terminal.screen.line(word);
  expect(seen(terminal.written()).map((line) => line.trim())).toEqual([
    `aws secretsmanager rotate-secret --secret-id ${word}`,
    `│ {"message":"a b c ${word}"}`,
    word,
    '',
  ]);

  const pipe = screenOn();
  pipe.screen.good(MESSAGE);
  expect(pipe.written()).toBe(`  ✔ ${MESSAGE}\n`);
});

test('a terminal that is very narrow, or says nothing of itself, has lines that can be read', () => {
  for (const [columns, longest] of [
    [10, MESSAGE.length + 2],
    [0, 80],
  ] as const) {
    const { screen, written } = screenOn(columns);
    screen.line(MESSAGE);
    expect(Math.max(...seen(written()).map((line) => line.length))).toBeLessThanOrEqual(longest);
    expect(seen(written())[0]).toMatch(/^ {2}Momento refuses the pending key/);
  }
});

test('on a terminal, what is under way tells for how long, and the next line takes its place', () => {
  const { screen, written } = screenOn(80);
  screen.underWay('testSecret');
  expect(seen(written())).toEqual(['  … testSecret']);
  vi.advanceTimersByTime(3000);
  expect(seen(written())).toEqual(['  … testSecret  3 s']);
  screen.log('a line of the log');
  expect(seen(written())).toEqual(['  │ a line of the log', '  … testSecret  3 s']);
  screen.good('testSecret');
  vi.advanceTimersByTime(3000);
  expect(seen(written())).toEqual(['  │ a line of the log', '  ✔ testSecret', '']);
  expect(vi.getTimerCount()).toBe(0);
});

test('elsewhere nothing moves', () => {
  const { screen, written } = screenOn();
  screen.underWay('testSecret');
  vi.advanceTimersByTime(3000);
  expect(written()).toBe('');
  expect(vi.getTimerCount()).toBe(0);
});
