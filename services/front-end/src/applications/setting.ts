/** `users` of `do-not-disturb` is `ROLLCALL_DO_NOT_DISTURB_USERS`. An empty variable counts as unset. */
export function readSetting(
  env: Readonly<Record<string, string | undefined>>,
  application: string,
  setting: string,
): string | undefined {
  const words = `${application}-${setting}`.replace(/[A-Z]/g, (letter) => `-${letter}`);
  return env[`ROLLCALL_${words.replaceAll('-', '_').toUpperCase()}`] || undefined;
}
