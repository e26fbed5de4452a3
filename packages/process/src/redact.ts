/** What stands in a log line instead of a secret. */
export const REDACTED = '[redacted]';

// A key that names a secret, then its value: a string, one level of nested objects (`ha1: { MD5: <Buffer> }`), a list, or a literal.
const SECRET_FIELD =
  /("[^"\\]*(?:authorization|password|passphrase|ha1|token|secret|cookie|private_?key|tls_?key)[^"\\]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|\{(?:[^{}]|\{[^{}]*\})*\}|\[[^\]]*\]|[^,{}[\]"\s]+)/gi;

// user:password@ of any URL, wherever it stands: a setting, an error's message, its stack.
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s"/:@]*:)[^\s"@]+(?=@)/gi;

// An Authorization header field inside a logged SIP or HTTP message; it ends at the escaped line end, and may follow one.
const AUTHORIZATION_FIELD = /((?:proxy-)?authorization\s*:\s*)(?:[^"\\]|\\[^rn])+/gi;

/**
 * Takes secrets out of one formatted log line (JSON). It works on the finished line, so that it covers bindings of child loggers,
 * nested objects, messages and stacks alike; the price is about 2 µs for an ordinary line.
 */
export function redactLine(line: string): string {
  return line
    .replace(SECRET_FIELD, `$1"${REDACTED}"`)
    .replace(URL_PASSWORD, `$1${REDACTED}`)
    .replace(AUTHORIZATION_FIELD, `$1${REDACTED}`);
}
