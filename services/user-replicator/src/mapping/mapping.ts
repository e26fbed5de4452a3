import { SettingsError, z } from '@rollcall/process';
import { PRESETS, type PresetName } from './presets.ts';

/** An attribute (`mail`), or a text with attributes in it (`{uid}@example.org`). */
const source = z.string().regex(/^([a-z][a-z0-9;.-]*|[^{}]*(\{[a-z][a-z0-9;.-]*\}[^{}]*)+)$/i, {
  error: 'must be an attribute like mail, or a text like {uid}@example.org',
});
/** The first that has a value counts. */
const sources = z.array(source);

const condition = z
  .strictObject({
    attribute: source,
    /** One of its values is one of these, capitals or not. */
    is: z.union([z.string(), z.array(z.string())]).optional(),
    /** Its number has one of these bits. */
    bits: z.number().int().positive().optional(),
    present: z.literal(true).optional(),
    /** Its time has passed. */
    past: z.literal(true).optional(),
  })
  .refine((c) => [c.is, c.bits, c.present, c.past].filter((test) => test !== undefined).length === 1, {
    error: 'must have one of is, bits, present and past',
  });
/** One that holds is enough. */
const conditions = z.array(condition);

const group = z
  .strictObject({
    dn: z.string().min(3),
    role: z.literal('admin').optional(),
    domain: z.string().min(1).toLowerCase().optional(),
  })
  .refine((g) => g.role !== undefined || g.domain !== undefined, { error: 'must have a role or a domain' });

const fields = {
  address: sources.nonempty(),
  /** What `{domain}` stands for; by default the dc parts of the entry's name. */
  domain: z.string().min(1).toLowerCase().optional(),
  signInName: sources,
  passwordChanged: sources,
  disabled: conditions,
  excluded: conditions,
  hidden: conditions,
  displayName: sources,
  givenName: sources,
  surname: sources,
  mail: sources,
  phones: z.strictObject({ work: sources, mobile: sources, home: sources, other: sources }),
  title: sources,
  department: sources,
  company: sources,
  office: sources,
  manager: sources,
  photo: sources,
  groups: z.array(group),
};

const mapping = z.strictObject(fields);
const mappingFile = z.strictObject({
  ...mapping.partial().shape,
  preset: z.enum(['active-directory', 'openldap']).optional(),
  phones: fields.phones.partial().optional(),
});

export type Condition = z.output<typeof condition>;
/** How an entry becomes a person. */
export type Mapping = z.output<typeof mapping>;
export type MappingFile = z.output<typeof mappingFile>;

/** @throws SettingsError with every mistake of the file */
export function parseMapping(text: string, name: string): MappingFile {
  const parsed = mappingFile.safeParse(readJson(text, name));
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map(({ path, message }) => `${name}: ${path.map(String).join('.') || 'it'}: ${message}.`),
  );
}

function readJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SettingsError([`${name} is no JSON: ${cause instanceof Error ? cause.message : cause}.`]);
  }
}

/** A preset with what the file says instead of it. */
export function makeMapping(kind: string, file: MappingFile = {}): Mapping {
  const { preset: asked, ...own } = file;
  const preset: PresetName = asked ?? (kind === 'active-directory' ? 'active-directory' : 'openldap');
  const base = PRESETS[preset];
  return { ...base, ...own, phones: { ...base.phones, ...own.phones } } as Mapping;
}

const NO_ATTRIBUTE = new Set(['dn', 'domain']);

/** The attributes to be asked for, each once. */
export function attributesOf(mapping: Mapping): string[] {
  const { phones, disabled, excluded, hidden, groups: _, domain: __, ...lists } = mapping;
  const all = [
    ...Object.values(lists).flat(),
    ...Object.values(phones).flat(),
    ...[...disabled, ...excluded, ...hidden].map(({ attribute }) => attribute),
  ];
  const names = all.flatMap((one) => (one.includes('{') ? [...one.matchAll(/\{(.*?)\}/g)].map((m) => m[1]!) : [one]));
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()].filter(
    (name) => !NO_ATTRIBUTE.has(name.toLowerCase()),
  );
}

/** The groups whose members the source tells, as they are written in the file. */
export function groupsOf(mapping: Mapping): string[] {
  return [...new Set(mapping.groups.map(({ dn }) => dn))];
}
