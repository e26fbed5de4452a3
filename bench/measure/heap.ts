/** Collects the garbage of a process through its inspector. @returns bytes of its JavaScript heap that are in use then */
export async function liveHeap(inspector: string): Promise<number> {
  const socket = new WebSocket(inspector);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  let id = 0;
  const call = (method: string) => {
    id += 1;
    const called = id;
    return new Promise<Record<string, number>>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(String(data));
        if (answer.id === called) resolve(answer.result);
      });
      socket.send(JSON.stringify({ id: called, method }));
    });
  };
  try {
    await call('HeapProfiler.enable');
    await call('HeapProfiler.collectGarbage');
    return (await call('Runtime.getHeapUsage')).usedSize!;
  } finally {
    socket.close();
  }
}
