import type { ServerApplication } from '@rollcall/front-end';

/** Changes what it is shown, and says what it saw. */
export const application: ServerApplication = {
  name: 'tagging',
  onRequest(request, actions) {
    const { method, target, sender, inDialog, contentType, text, flow } = request;
    if (text === 'elsewhere') return actions.route('sip:carol@example.org');
    actions.setHeader('X-Seen', JSON.stringify({ method, target, sender, inDialog, contentType, text, flow }));
    actions.setHeader('X-Subject', request.header('s') ?? 'none');
    actions.removeHeader('Subject');
    if (text === 'shout') actions.setBody('SHOUT', 'text/plain');
  },
};
