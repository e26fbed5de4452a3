import { type Keys, TOPICS, type Topic } from './bus.ts';

export interface Message {
  topic: Topic;
  /** The bus that sent it, for that one to tell its own. */
  sender: string;
  keys: Keys;
}

/** As many messages as it takes to keep each within `limit` bytes. A key that fits into none makes it a message without keys. */
export function encodeMessages({ topic, sender, keys }: Message, limit: number): string[] {
  const head = [topic, sender];
  const everything = [JSON.stringify(head)];
  if (!keys) return everything;
  const messages: string[] = [];
  const headBytes = Buffer.byteLength(everything[0]!);
  let batch: string[] = [];
  let bytes = headBytes;
  for (const key of keys) {
    const keyBytes = Buffer.byteLength(JSON.stringify(key)) + 1;
    if (headBytes + keyBytes > limit) return everything;
    if (bytes + keyBytes > limit) {
      messages.push(JSON.stringify([...head, ...batch]));
      batch = [];
      bytes = headBytes;
    }
    batch.push(key);
    bytes += keyBytes;
  }
  if (batch.length > 0) messages.push(JSON.stringify([...head, ...batch]));
  return messages;
}

/** Undefined for what is no message, or one of a newer version's topics. */
export function decodeMessage(text: string): Message | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined;
  const [topic, sender, ...keys] = parts as string[];
  if (sender === undefined || !TOPICS.includes(topic as Topic)) return undefined;
  return { topic: topic as Topic, sender, keys: keys.length > 0 ? keys : undefined };
}
