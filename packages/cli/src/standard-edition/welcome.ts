/** `host:port` of each listener. */
export interface Addresses {
  udp: string;
  tcp: string;
  tls: string;
  ws: string;
  http: string;
}

export interface SampleAccount {
  user: string;
  domain: string;
  role: 'admin' | 'user';
  password: string;
}

export interface Welcome {
  data: string;
  domain: string;
  addresses: Addresses;
  /** A certificate that clients do not trust by themselves. */
  selfSigned: boolean;
  /** Made by this start; none on later ones. */
  accounts: readonly SampleAccount[];
  /** `--data DIR` as commands for this folder need it; empty for the default folder. */
  dataFlag: string;
}

/** What a first start prints of its accounts. Their passwords are shown this once. */
export function accountsText(accounts: readonly SampleAccount[]): string {
  const width = Math.max(...accounts.map(({ user, domain }) => user.length + domain.length + 1));
  const lines = accounts.map(
    ({ user, domain, role, password }) =>
      `    ${`${user}@${domain}`.padEnd(width)}   ${password}${role === 'admin' ? '   (administrator)' : ''}`,
  );
  return ['  Accounts made by this first start; the passwords are shown only now:', '', ...lines, ''].join('\n');
}

/** What a start prints when it is ready. */
export function welcomeText(welcome: Welcome): string {
  const { accounts, addresses, dataFlag, data, domain, selfSigned } = welcome;
  const sample = accounts.find(({ role }) => role === 'user');
  const account = (command: string) => `    npm run rollcall -- account ${command}${dataFlag}`;
  const blocks = [
    '',
    `Rollcall is ready for ${domain}; its data is in ${data}`,
    '',
    '  Point a softphone at it:',
    '',
    `    server     ${sipAddresses(addresses)}, TLS ${addresses.tls}${selfSigned ? ' (self-signed certificate)' : ''}`,
    `    web page   ws://${addresses.ws}/sip`,
    `    domain     ${domain}`,
    ...(sample ? [`    user       ${sample.user}`, `    password   ${sample.password}`] : []),
    '',
    ...(accounts.length > 0 ? [accountsText(accounts)] : []),
    '  Accounts are managed while it runs, from another terminal:',
    '',
    account(`add sip:carol@${domain}`),
    account(`password sip:${sample?.user ?? 'carol'}@${domain}`),
    account('list'),
    '',
    `  Health and metrics: http://${addresses.http}/healthz, /readyz, /metrics`,
    '  Ctrl-C stops it.',
    '',
  ];
  return `${blocks.join('\n')}\n`;
}

function sipAddresses({ udp, tcp }: Addresses): string {
  return udp === tcp ? `UDP and TCP ${udp}` : `UDP ${udp}, TCP ${tcp}`;
}
