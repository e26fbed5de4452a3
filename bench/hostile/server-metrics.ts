/** The figures at /metrics, by name with labels as they are written there. */
export async function readMetrics(http: string): Promise<Map<string, number>> {
  const answer = await fetch(`http://${http}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}`);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** The sum over all labels of one metric. */
export function total(metrics: ReadonlyMap<string, number>, name: string, label = ''): number {
  let sum = 0;
  for (const [key, value] of metrics) {
    if ((key === name || key.startsWith(`${name}{`)) && key.includes(label)) sum += value;
  }
  return sum;
}

/** The values of one metric by one of its labels. */
export function labelled(metrics: ReadonlyMap<string, number>, name: string, label: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [key, value] of metrics) {
    const found = key.startsWith(`${name}{`) && new RegExp(`[{,]${label}="([^"]*)"`).exec(key)?.[1];
    if (found) counts[found] = (counts[found] ?? 0) + value;
  }
  return counts;
}
