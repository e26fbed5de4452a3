/** What the two editions of the pool's HAProxy differ in. */
export interface HaproxyOptions {
  /** Bind addresses of the VIP, `host:port`. */
  sip: string;
  sips: string;
  http: string;
  /** HTTPS and WSS, where HAProxy is to end the TLS: `host:port`, and a PEM file with certificate and key. */
  https?: { bind: string; certificate: string };
  /** Statistics and Prometheus metrics: an address that only operators reach. */
  operators: string;
  /** More lines of `global`. */
  global?: readonly string[];
  /** More of `default-server`. */
  servers?: string;
  /** Whole sections that stand before the VIP's. */
  sections?: string;
  /** The server lines of a backend. `port`: which of a front end's ports; `more`: to stand on each line. */
  serverLines(port: 'sip' | 'sips' | 'http', more: string): readonly string[];
}

/**
 * The configuration of the pool's HAProxy. The VIP carries TCP 5060 and TLS 5061 as they come: a front end ends the TLS
 * itself, so that it knows the client's connection. HTTP and WebSocket are balanced by request.
 */
export function haproxyConfig(options: HaproxyOptions): string {
  const { sip, sips, http, https, operators, sections, serverLines } = options;
  const checked = 'check check-send-proxy send-proxy-v2';
  const lines = (port: 'sip' | 'sips' | 'http', more: string) =>
    serverLines(port, more)
      .map((line) => `  ${line}`)
      .join('\n');
  return `# Made by packages/cli/src/pool/haproxy-config.ts.
global
${['hard-stop-after 30s', ...(options.global ?? [])].map((line) => `  ${line}`).join('\n')}

${sections ?? ''}defaults
  log global
  option dontlog-normal
  balance leastconn
  # A connection that a front end refuses goes to another one.
  retries 3
  option redispatch 1
  timeout connect 2s
  # A front end that is only busy must not be taken for dead: that would send all its clients to the others.
  timeout check 5s
  # SIP connections live for hours: a front end ends one that was silent for 2 h, keep-alives of TCP end a dead one.
  timeout client 3h
  timeout server 3h
  timeout tunnel 3h
  timeout client-fin 10s
  timeout server-fin 10s
  option clitcpka
  clitcpka-idle 60s
  clitcpka-intvl 15s
  clitcpka-cnt 4
  option srvtcpka
  srvtcpka-idle 60s
  srvtcpka-intvl 15s
  srvtcpka-cnt 4
  # 200: gets clients. Any other answer (it drains, or the back end is away): no new ones, those it has stay. No answer: it
  # is dead, and its clients are sent away at once.
  option httpchk GET /readyz
  http-check expect status 200 error-status L7OKC
  default-server inter 500ms fastinter 250ms downinter 500ms fall 3 rise 1 on-marked-down shutdown-sessions${options.servers ? ` ${options.servers}` : ''}

frontend sip
  mode tcp
  bind ${sip}
  default_backend sip

backend sip
  mode tcp
${lines('sip', checked)}

frontend sips
  mode tcp
  bind ${sips}
  default_backend sips

backend sips
  mode tcp
${lines('sips', checked)}

frontend http
  mode http
  bind ${http}
${https ? `  bind ${https.bind} ssl crt ${https.certificate} alpn http/1.1\n` : ''}  timeout http-request 10s
  timeout http-keep-alive 60s
  # Of one front end, for operators, who reach each of them without the VIP.
  http-request deny deny_status 404 if { path /metrics }
  default_backend http

backend http
  mode http
  # An event stream sends a comment every 15 s; a WebSocket has the tunnel's time-out.
  timeout server 60s
${lines('http', 'check check-send-proxy send-proxy-v2-ssl')}

# The second VIP, for web components: put their servers here, and uncomment the frontend.
# frontend web_components
#   mode http
#   bind :8443 ssl crt /run/secrets/web_components.pem
#   default_backend web_components
backend web_components
  mode http

frontend operators
  mode http
  bind ${operators}
  timeout client 30s
  http-request use-service prometheus-exporter if { path /metrics }
  stats enable
  stats uri /
  stats refresh 5s
`;
}
