export const ACCESS_LEVELS = ['blocked', 'public', 'company', 'team', 'personal'] as const;

export type AccessLevel = (typeof ACCESS_LEVELS)[number];
