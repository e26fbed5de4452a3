// Runs in the page: a phone with JsSIP. Its microphone is the browser's fake one, which beeps.
/* global JsSIP */
const log = [];
let ua;
let session;

const media = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };

function when(emitter, good, bad) {
  return new Promise((resolve, reject) => {
    emitter.once(good, resolve);
    for (const event of bad) emitter.once(event, (data) => reject(new Error(`${event}: ${data.cause}`)));
  });
}

globalThis.phone = {
  log: () => log,
  forget: () => void log.splice(0),
  async register({ socket, uri, password }) {
    ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(socket)], uri, password });
    ua.on('newMessage', ({ originator, request }) => {
      if (originator === 'remote') log.push(`message: ${request.body}`);
    });
    ua.on('newRTCSession', (data) => {
      session = data.session;
      log.push(`${data.originator} call`);
      for (const event of ['confirmed', 'ended', 'failed']) session.on(event, () => log.push(event));
    });
    const registered = when(ua, 'registered', ['registrationFailed']);
    ua.start();
    await registered;
  },
  call: (to) => void ua.call(to, media),
  answer: () => session.answer(media),
  hangUp: () => session.terminate(),
  async message(to, text) {
    const message = ua.sendMessage(to, text);
    const answered = await when(message, 'succeeded', ['failed']);
    return answered.response.status_code;
  },
  /** Packets of sound that came and could be decrypted. */
  async heard() {
    const stats = [...(await session.connection.getStats()).values()];
    return stats.find(({ type }) => type === 'inbound-rtp')?.packetsReceived ?? 0;
  },
};
