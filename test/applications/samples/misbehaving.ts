import type { ApplicationActions, ApplicationRequest, ServerApplication } from '@rollcall/front-end';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let answerLate = () => {};

type Behaviour = (actions: ApplicationActions, request: ApplicationRequest) => void | Promise<void>;

/** What it does with a MESSAGE, by its text. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'answers well': (actions) => actions.answer(200, 'Done'),
  throws(actions) {
    actions.setHeader('Subject', 'half done');
    throw new Error('thrown on purpose');
  },
  async rejects(actions) {
    actions.setHeader('Subject', 'half done');
    await wait(1);
    throw new Error('rejected on purpose');
  },
  'rejects with nothing': () => Promise.reject(undefined),
  'never resolves': () => new Promise(() => {}),
  'answers when the next one comes'(actions) {
    return new Promise((resolve) => {
      answerLate = () => {
        actions.answer(603);
        resolve();
      };
    });
  },
  'answers the one before, and well'(actions) {
    answerLate();
    actions.answer(200);
  },
  'answers twice'(actions) {
    actions.answer(486);
    actions.answer(200);
  },
  'answers and throws'(actions) {
    actions.answer(486);
    throw new Error('after the answer');
  },
  'answers and never resolves'(actions) {
    actions.answer(486);
    return new Promise(() => {});
  },
  'changes after its verdict'(actions) {
    actions.pass();
    actions.setHeader('Subject', 'too late');
  },
  'answers 9999': (actions) => actions.answer(9999),
  'answers 100': (actions) => actions.answer(100),
  'answers with a number for a reason': (actions) => actions.answer(486, 5 as never),
  'answers with headers that throw': (actions) =>
    actions.answer(486, undefined, {
      get headers(): never {
        throw new Error('no headers');
      },
    }),
  'answers with two lines in a header': (actions) =>
    actions.answer(486, undefined, { headers: { Subject: 'a\r\nVia: SIP/2.0/UDP evil' } }),
  'routes to nonsense': (actions) => actions.route('not a uri'),
  'routes to the web': (actions) => actions.route('https://example.org/'),
  'takes Via off': (actions) => actions.removeHeader('v'),
  'sets Record-Route': (actions) => actions.setHeader('Record-Route', '<sip:evil.example>'),
  'sends a symbol': (actions) => actions.setHeader('Subject', Symbol('x') as never),
  'has a body without end': (actions) => actions.setBody('x'.repeat(1_000_000), 'text/plain'),
  'changes its copy'(_actions, request) {
    request.body.fill(0);
    (request as { uri: string }).uri = 'sip:mallory@example.org';
  },
  'changes prototypes'() {
    Object.prototype.toString = () => 'changed';
    Array.prototype[Symbol.iterator] = () => {
      throw new Error('changed');
    };
  },
  'throws in a timer'() {
    setTimeout(() => {
      throw new Error('thrown in a timer');
    });
    return new Promise(() => {});
  },
  'rejects unseen'() {
    void Promise.reject(new Error('rejected unseen'));
    return new Promise(() => {});
  },
  'loops for ever'() {
    for (;;);
  },
  'exits the process': () => process.exit(1),
  'fills the memory'() {
    const all: unknown[] = [];
    for (;;) all.push(new Array(100_000).fill(all.length));
  },
};

export default {
  name: 'misbehaving',
  methods: ['MESSAGE', 'INVITE'],
  onRequest: (request, actions) => BEHAVIOURS[request.text]?.(actions, request),
} satisfies ServerApplication;
