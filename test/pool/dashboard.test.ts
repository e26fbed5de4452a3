import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readDashboard, readProvisioning } from './dashboard.ts';

/** The lines of one service of docker-compose.yml. */
async function service(name: string): Promise<string> {
  const file = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
  return new RegExp(`^ {2}${name}:\n((?: {4}.*\n|\n)*)`, 'm').exec(file)![1]!;
}

describe('what Grafana is given', () => {
  it('is a source of data that is Prometheus in its container, and the one that each panel names', async () => {
    const source = await readProvisioning('datasources/prometheus.yml');
    expect(source).toContain('url: "http://prometheus:9090"');
    expect(await service('prometheus')).toContain(':9090"]');
    const { panels } = await readDashboard();
    expect(panels.length).toBeGreaterThan(5);
    for (const { datasource } of panels) expect(source).toContain(`uid: ${datasource.uid},`);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  it('is mounted where Grafana looks for it', async () => {
    const grafana = await service('grafana');
    for (const kind of ['datasources', 'dashboards'])
      expect(grafana).toContain(`./docker/grafana/provisioning/${kind}:/etc/grafana/provisioning/${kind}:ro`);
    const folder = /path: ([^ ]+) /.exec(await readProvisioning('dashboards/rollcall.yml'))![1]!;
    expect(grafana).toContain(`./docker/grafana/dashboards:${folder}:ro`);
  });
});
