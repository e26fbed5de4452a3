export type { DirectoryPerson, Mapped, SkipReason } from './mapping/person.ts';
