export { publicGruu } from './public-gruu.ts';
export {
  type GruuKey,
  makeTemporaryGruu,
  readTemporaryGruu,
  TEMPORARY_GRUU_PREFIX,
  type TemporaryGruuTarget,
} from './temporary-gruu.ts';
