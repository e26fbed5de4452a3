/** 1601-01-01 in ms of Unix, and 100 ns in a ms ([MS-DTYP] §2.3.3). */
const FILE_TIME_EPOCH = -11_644_473_600_000;
const FILE_TIME_TICKS = 10_000n;
const NEVER = 0x7fff_ffff_ffff_ffffn;

/**
 * A time of Active Directory (`133500000000000000`, 100 ns since 1601) or of LDAP (GeneralizedTime,
 * RFC 4517 §3.3.13: `20261122203000Z`).
 *
 * @returns undefined for what is no time, and for Active Directory's "never" (0 and the highest number)
 */
export function readTime(text: string): Date | undefined {
  const date = /^-?\d{1,19}$/.test(text) ? fileTime(BigInt(text)) : generalizedTime(text);
  // PostgreSQL and Date know other bounds; a time of before 1601 or after 9999 says nothing.
  if (date === undefined || Number.isNaN(date.getTime())) return undefined;
  return date.getTime() > FILE_TIME_EPOCH && date.getUTCFullYear() <= 9999 ? date : undefined;
}

function fileTime(ticks: bigint): Date | undefined {
  if (ticks <= 0n || ticks >= NEVER) return undefined;
  return new Date(Number(ticks / FILE_TIME_TICKS) + FILE_TIME_EPOCH);
}

function generalizedTime(text: string): Date | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d+))?(?:Z|([+-])(\d\d)(\d\d)?)$/.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, hours, minutes] = found;
  const unit = second ? 1000 : minute ? 60_000 : 3_600_000;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute ?? 0), Number(second ?? 0));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000 * (sign === '-' ? -1 : 1);
  return new Date(date.getTime() + Math.floor(Number(`0.${fraction ?? 0}`) * unit) - offset);
}
