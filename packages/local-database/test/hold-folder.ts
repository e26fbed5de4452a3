/** Runs a local database in the folder that it is given, until SIGTERM; says where. Ctrl-C it only notes. */
import { startLocalDatabase } from '../src/index.ts';

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
try {
  const database = await startLocalDatabase({ folder: process.argv[2]!, log: (line) => say({ line }) });
  process.on('SIGINT', () => say({ signal: 'SIGINT' }));
  process.on('SIGTERM', () => void database.stop().then(() => process.exit()));
  say({ url: database.url, processId: database.processId });
  await database.exited;
} catch (error) {
  say({ error: (error as Error).name, message: (error as Error).message });
}
