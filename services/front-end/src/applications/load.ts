import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ServerApplication } from './application.ts';

/** Those that come with the front end, by name. */
export const SHIPPED = ['do-not-disturb', 'keyword-bot'] as const;

/** What is wrong with an application that is to be started, for the person who starts it. */
export class ApplicationError extends Error {
  override readonly name = 'ApplicationError';
}

/** The module that an entry of `--applications` names: one that is shipped, or a file. */
export function applicationUrl(entry: string, folder = process.cwd()): URL {
  return (SHIPPED as readonly string[]).includes(entry)
    ? new URL(`./shipped/${entry}.ts`, import.meta.url)
    : pathToFileURL(resolve(folder, entry));
}

/** Imports an application: the module's default export, or the one named `application`. @throws ApplicationError */
export async function loadApplication(url: URL): Promise<ServerApplication> {
  await access(url).catch(() => {
    throw new ApplicationError(`there is no file ${fileURLToPath(url)} (shipped are: ${SHIPPED.join(', ')})`);
  });
  let module: { default?: unknown; application?: unknown };
  try {
    module = await import(url.href);
  } catch (error) {
    throw new ApplicationError(`it cannot be imported: ${error instanceof Error ? (error.stack ?? error) : error}`);
  }
  const application = module.default ?? module.application;
  const wrong = whatIsWrong(application);
  if (wrong !== undefined) throw new ApplicationError(wrong);
  return application as ServerApplication;
}

export function whatIsWrong(application: unknown): string | undefined {
  if (typeof application !== 'object' || application === null) {
    return 'it exports no application: export one as default, or by the name `application`';
  }
  const { name, methods, onRequest, start, stop } = application as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[a-z][a-z\d-]{0,39}$/.test(name)) {
    return 'its `name` must be 1 to 40 lower-case letters, digits and `-`';
  }
  if (typeof onRequest !== 'function') return 'it has no function `onRequest`';
  if (methods !== undefined && !(Array.isArray(methods) && methods.every((one) => /^[A-Z]{1,20}$/.test(one)))) {
    return "its `methods` must be a list like ['MESSAGE', 'INVITE']";
  }
  for (const [what, value] of Object.entries({ start, stop })) {
    if (value !== undefined && typeof value !== 'function') return `its \`${what}\` is no function`;
  }
  return undefined;
}
