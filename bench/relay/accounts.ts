/** What the phones of a relay bench log in with. */
export function passwordOf(user: string): string {
  return `secret-${user}`;
}
