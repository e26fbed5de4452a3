/** What an account's disabling or removal did to its devices, to follow a sentence. */
export function endpointsLeft(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '; its 1 endpoint has left' : `; its ${count} endpoints have left`;
}
