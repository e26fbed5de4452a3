/** The 200 to a request (RFC 3261 §8.2.6.2), made with few steps: a load tool is not to be what is measured. */
export function formatOk(request: string, method: string, contact: string): string {
  const end = request.indexOf('\r\n\r\n');
  let answer = 'SIP/2.0 200 OK\r\n';
  for (let at = request.indexOf('\r\n') + 2; at < end + 2; ) {
    const next = request.indexOf('\r\n', at) + 2;
    const line = request.slice(at, next);
    if (/^(?:Via|From|Call-ID|CSeq|Record-Route):/i.test(line)) answer += line;
    else if (/^To:/i.test(line)) answer += line.includes(';tag=') ? line : `${line.slice(0, -2)};tag=answer\r\n`;
    at = next;
  }
  if (method === 'INVITE') answer += `Contact: ${contact}\r\n`;
  return `${answer}Content-Length: 0\r\n\r\n`;
}
