/** Open streams by the endpoint that they are of. */
export class StreamIndex<Stream> {
  readonly #byEndpoint = new Map<string, Set<Stream>>();

  /** @returns what takes it out again */
  add(endpoint: string, stream: Stream): () => void {
    const streams = this.#byEndpoint.get(endpoint) ?? new Set();
    this.#byEndpoint.set(endpoint, streams.add(stream));
    return () => {
      streams.delete(stream);
      if (streams.size === 0 && this.#byEndpoint.get(endpoint) === streams) this.#byEndpoint.delete(endpoint);
    };
  }

  of(endpoint: string): Iterable<Stream> {
    return this.#byEndpoint.get(endpoint) ?? [];
  }

  *all(): Iterable<Stream> {
    for (const streams of this.#byEndpoint.values()) yield* streams;
  }
}
