import pg from 'pg';

export interface EndpointSizes {
  /** Rows that are there. */
  endpoints: number;
  /** The table with its free space and visibility map, and all its indexes, bytes. */
  table: number;
  indexes: number;
  /** All tables of the back end with their indexes, bytes. */
  all: number;
  /** Share of all updates so far that touched no index (HOT). */
  hotShare: number;
}

/** @param databaseUrl of a superuser */
export async function readEndpointSizes(databaseUrl: string): Promise<EndpointSizes> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Record<keyof EndpointSizes, string>>(
      `select (select count(*) from data.endpoint) as endpoints,
              pg_table_size(relid) as table,
              pg_indexes_size(relid) as indexes,
              (select sum(pg_total_relation_size(relid)) from pg_stat_user_tables) as "all",
              n_tup_hot_upd / greatest(n_tup_upd, 1)::float as "hotShare"
         from pg_stat_user_tables where schemaname = 'data' and relname = 'endpoint'`,
    );
    const [row] = rows;
    if (!row) throw new Error('there is no table data.endpoint');
    return {
      endpoints: Number(row.endpoints),
      table: Number(row.table),
      indexes: Number(row.indexes),
      all: Number(row.all),
      hotShare: Number(row.hotShare),
    };
  } finally {
    await client.end();
  }
}
