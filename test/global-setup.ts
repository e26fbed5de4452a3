import { serveTestDatabases } from '../packages/test-kit/src/database-service.ts';

/** Runs once around all test files; they share one PostgreSQL, started when the first test file asks for a database. */
export default async function setUp(): Promise<() => Promise<void>> {
  const service = await serveTestDatabases();
  return () => service.close();
}
