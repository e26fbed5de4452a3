import type { ApplicationHost, ServerApplication } from '../application.ts';

/**
 * Answers calls and messages for the accounts of ROLLCALL_DO_NOT_DISTURB_USERS (`alice@example.org,bob@example.org`)
 * with 486, and, where ROLLCALL_DO_NOT_DISTURB_TEXT has one, sends that text to whoever tried. What has the Priority
 * `emergency` (RFC 3261 §20.26) gets through, and so does what belongs to a call that is under way.
 */
let undisturbed: ReadonlySet<string> = new Set();
let text: string | undefined;
let host: ApplicationHost;

export default {
  name: 'do-not-disturb',
  methods: ['INVITE', 'MESSAGE'],
  start(given) {
    host = given;
    const users = host.setting('users') ?? '';
    undisturbed = new Set(users.split(',').map((user) => user.trim()));
    text = host.setting('text');
  },
  onRequest(request, actions) {
    const { target, sender } = request;
    if (target === undefined || !undisturbed.has(target) || sender === target) return;
    if (request.inDialog || request.header('Priority')?.toLowerCase() === 'emergency') return;
    actions.answer(486, 'Do Not Disturb');
    if (text !== undefined && sender !== undefined) void host.send({ from: target, to: sender, body: text });
  },
} satisfies ServerApplication;
