import { ActionError, makeAnswer, removeHeader, routeTo, setBody, setHeader } from './actions.ts';
import type { ApplicationActions, ServerApplication } from './application.ts';
import { type RequestData, requestView } from './request-data.ts';
import { type Change, type Failure, failed, type Verdict } from './verdict.ts';

/**
 * Shows one request to an application. Resolves with the first verdict, or when it ends without one; never rejects. What
 * goes wrong after the verdict is told to `onLater`.
 */
export function runApplication(
  application: ServerApplication,
  data: RequestData,
  onLater: (failure: Failure) => void,
): Promise<Verdict> {
  return new Promise((resolve) => {
    let decided: Verdict | undefined;
    const decide = (verdict: Verdict) => {
      decided = verdict;
      resolve(verdict);
    };
    const fail = (failure: Failure) => {
      if (!decided) decide(failure);
      else if (decided.verdict !== 'failed') onLater(failure);
    };
    const changes: Change[] = [];
    // An action that threw in a timer of the application would end its thread, so none of them throws.
    const attempt = (act: () => void) => {
      try {
        act();
      } catch (error) {
        fail(failed(error instanceof ActionError ? 'invalid' : 'threw', error));
      }
    };
    const change = (make: () => Change) => {
      if (!decided) attempt(() => changes.push(make()));
    };
    const verdict = (make: () => Verdict) => {
      if (decided) fail(failed('twice', new Error('a second verdict: the first one holds')));
      else attempt(() => decide(make()));
    };
    const actions: ApplicationActions = Object.freeze({
      answer: (...given) => verdict(() => makeAnswer(data.method, ...given)),
      route: (uri) => verdict(() => ({ verdict: 'route', uri: routeTo(uri), changes })),
      pass: () => verdict(() => ({ verdict: 'pass', changes })),
      setHeader: (name, value) => change(() => setHeader(changes, name, value)),
      removeHeader: (name) => change(() => removeHeader(changes, name)),
      setBody: (body, contentType) => change(() => setBody(changes, body, contentType)),
    } satisfies ApplicationActions);
    // `try` inside: what it throws at once and what it rejects with are the same thing.
    Promise.try(() => application.onRequest(requestView(data), actions)).then(
      () => {
        if (!decided) decide({ verdict: 'pass', changes });
      },
      (error) => fail(failed('threw', error)),
    );
  });
}
