import { readFile } from 'node:fs/promises';

const GRAFANA = new URL('../../docker/grafana/', import.meta.url);

interface Panel {
  title: string;
  datasource: { uid: string };
  targets: { expr: string }[];
}

/** The dashboard that Grafana shows. */
export async function readDashboard(): Promise<{ panels: Panel[]; queries: string[]; metrics: string[] }> {
  const { panels } = JSON.parse(await readFile(new URL('dashboards/rollcall.json', GRAFANA), 'utf8')) as {
    panels: Panel[];
  };
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const metrics = queries.flatMap((query) => query.match(/\b(?:rollcall|nodejs|process|haproxy)_\w+/g) ?? []);
  return { panels, queries, metrics: [...new Set(metrics)] };
}

/** A file of its provisioning. */
export const readProvisioning = (name: string) => readFile(new URL(`provisioning/${name}`, GRAFANA), 'utf8');
