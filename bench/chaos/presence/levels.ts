/** From the one that sees least to the one that sees most. */
export const LEVELS = ['blocked', 'public', 'company', 'team', 'personal'] as const;

export type Level = (typeof LEVELS)[number];

const ALWAYS = ['availability', 'basic'];
const COMPANY = [...ALWAYS, 'activity', 'note', 'idleSince', 'service', 'displayName'];
const TEAM = [...COMPANY, 'calendar', 'phone', 'location'];

/** Fields that each level sees, as a pool is set up; of two rules that match alike the lower rank counts. */
export const SEEN: Readonly<Record<Level, { rank: number; has(field: string): boolean }>> = {
  blocked: { rank: 0, has: () => false },
  public: { rank: 1, has: (field) => ALWAYS.includes(field) },
  company: { rank: 2, has: (field) => COMPANY.includes(field) },
  team: { rank: 3, has: (field) => TEAM.includes(field) },
  personal: { rank: 4, has: (field) => TEAM.includes(field) },
};
