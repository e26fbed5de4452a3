import type { ApplicationHost, ServerApplication } from '../application.ts';

/** Answers messages to `bot` of any domain, an account that has to exist: it sends the replies. */
const REPLIES: Readonly<Record<string, () => string>> = {
  help: () => `I know: ${Object.keys(REPLIES).join(', ')}`,
  time: () => new Date().toUTCString(),
  ping: () => 'pong',
};

let host: ApplicationHost;

export default {
  name: 'keyword-bot',
  methods: ['MESSAGE'],
  start(given) {
    host = given;
  },
  async onRequest(request, actions) {
    const { target, sender } = request;
    if (!target?.startsWith('bot@') || sender === undefined || request.contentType !== 'text/plain') return;
    actions.answer(200);
    const keyword = request.text.trim().toLowerCase();
    const reply = Object.hasOwn(REPLIES, keyword) ? REPLIES[keyword]!() : 'I do not know that. Try: help';
    const { status, reason } = await host.send({ from: target, to: sender, body: reply });
    if (status >= 300) host.log(`no reply to ${sender}: ${status} ${reason}`);
  },
} satisfies ServerApplication;
