import type { z } from 'zod';

export { z } from 'zod';

/** Every mistake of a configuration at once; its message is meant for the person who starts the process. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : `${problems.length} settings are wrong:\n  ${problems.join('\n  ')}`);
    this.problems = problems;
  }
}

/** `sipPort` → `--sip-port` */
export function flagOf(setting: string): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `sipPort` → `ROLLCALL_SIP_PORT` */
export function variableOf(setting: string): string {
  return `ROLLCALL_${setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Reads a process's settings once. A flag wins over its environment variable; an empty variable counts as unset.
 *
 * @param schema its keys name the settings in camel case; give types that take text: see setting-types.ts
 * @param flags what the command line gave, by the same keys
 * @returns the parsed settings, frozen
 * @throws SettingsError naming every wrong setting by its flag and its variable
 */
export function readSettings<Shape extends z.core.$ZodShape>(
  schema: z.ZodObject<Shape>,
  flags: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const given: Record<string, unknown> = {};
  for (const setting of Object.keys(schema.shape)) {
    const value = flags[setting] ?? (env[variableOf(setting)] || undefined);
    if (value !== undefined) given[setting] = value;
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map((issue) => describe(issue, flags, given)));
  return Object.freeze(parsed.data);
}

function describe(issue: z.core.$ZodIssue, flags: Readonly<Record<string, unknown>>, given: Record<string, unknown>) {
  const setting = issue.path[0];
  if (typeof setting !== 'string') return issue.message; // a rule over several settings words itself
  const names = `${flagOf(setting)} (${variableOf(setting)})`;
  if (!(setting in given)) return issue.code === 'custom' ? `${names}: ${issue.message}.` : `${names} is missing.`;
  const source = flags[setting] === undefined ? variableOf(setting) : flagOf(setting);
  const value = isSecret(setting) ? '' : `, not ${JSON.stringify(given[setting])}`;
  return `${names}: ${sentence(issue)}${value}${source === flagOf(setting) ? '' : ` (from ${source})`}.`;
}

function isSecret(setting: string): boolean {
  return /password|secret|url$/i.test(setting);
}

/** What zod says of its own accord, in the words of a person; a schema's own message stays. */
function sentence(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too (big|small)|Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    default:
      return `is refused (${issue.message})`;
  }
}

/** Of what a bound speaks: a number itself, or the length of a text or list. */
function unit(origin: string): string {
  return origin === 'string' ? ' characters long' : origin === 'array' ? ' of them' : '';
}
