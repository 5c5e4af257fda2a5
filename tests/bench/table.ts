export type Say = (line: string) => void;

/** Prints rows of cells as a table: the first column to the left, the others to the right. */
export function printTable(say: Say, title: string, [head = [], ...rows]: readonly string[][]): void {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  say(`\n${title}\n`);
  say(`| ${line(head).join(' | ')} |`);
  say(
    `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`,
  );
  for (const row of rows) say(`| ${line(row).join(' | ')} |`);
}
