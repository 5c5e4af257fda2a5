import { StringDecoder } from 'node:string_decoder';

/** Cuts output into lines. */
export interface Lines {
  write(chunk: Buffer): void;
  /** What came after the last line break is a line too. */
  flush(): void;
}

export function createLines(onLine: (line: string) => void): Lines {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    write(chunk) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    flush() {
      const last = rest + decoder.end();
      rest = '';
      if (last !== '') onLine(last);
    },
  };
}
