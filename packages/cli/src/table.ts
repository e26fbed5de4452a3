/** One column of a printed table. */
export interface Column<Row> {
  title: string;
  of: (row: Row) => string | number;
  /** Numbers stand at the right. */
  right?: boolean;
}

/** Rows as padded text under a line of titles, without trailing blanks; ends with a newline. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => printable(String(column.of(row)))));
  const widths = columns.map((column, i) => Math.max(column.title.length, ...cells.map((line) => line[i]!.length)));
  const format = (line: readonly string[]) =>
    line
      .map((cell, i) => (columns[i]!.right ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return `${[columns.map((column) => column.title), ...cells].map(format).join('\n')}\n`;
}

/** What clients sent (a User-Agent, a contact) must not move the terminal's cursor. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}
