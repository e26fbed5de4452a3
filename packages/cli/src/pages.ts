/**
 * Reads a listing page by page to its end.
 *
 * @param read a page from the first row after `after` on; an empty one is the end
 */
export async function allPages<Row, After>(
  read: (after: After | undefined) => Promise<Row[]>,
  afterOf: (row: Row) => After,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await read(rows.length === 0 ? undefined : afterOf(rows.at(-1)!));
    if (page.length === 0) return rows;
    rows.push(...page);
  }
}
