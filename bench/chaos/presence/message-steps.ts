import { randomBytes } from 'node:crypto';
import { LostError } from './exchange.ts';
import type { PresencePhone } from './phone.ts';
import type { Player, Stage } from './stage.ts';

/** Leaves a message for somebody who is not registered. */
export async function leaveMessage(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  const away = stage.names.filter((name) => !stage.model.isAnywhere(name, performance.now()));
  if (away.length === 0) return 'all are there';
  const name = player.chance.of(away);
  const [uri, text] = [`sip:${name}`, `message ${stage.count()}`];
  const callId = `${randomBytes(8).toString('hex')}@chaos.test`;
  try {
    const answer = await phone.send(() => ({
      ...{ method: 'MESSAGE', uri, to: `<${uri}>`, callId, body: text, headers: [['Content-Type', 'text/plain']] },
    }));
    if (answer.status === 202) stage.ledger.messages.accepted(name, text);
    else if (![200, 403].includes(answer.status)) {
      stage.ledger.broken.push(`${player.name}: MESSAGE to ${name} got ${answer.status} ${answer.reason}`);
    }
    return `to ${name}: ${answer.status}`;
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    stage.ledger.messages.unknown(name);
    return `to ${name} lost`;
  }
}
