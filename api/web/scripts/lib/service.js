/** Why nothing came. `state`: offline, unauthorised, limited or error; `seconds`: until one may ask again. */
export class Failure extends Error {
  constructor(state, status = 0, seconds = 0) {
    super(state);
    Object.assign(this, { state, status, seconds });
  }
}

/** What a service answers to the key of a site; no cookie goes along. Without a key its own pages ask, as whoever
 * is signed in there. `proof` gives a token of who is asking,
 * which is kept until the service takes it no more. */
export function service(endpoint, key, proof) {
  // Asked for once, however many need it at a time.
  let promised;
  const proven = () => promised ??= (async () => proof())().catch(() => {
    promised = undefined;
    throw new Failure("unauthorised");
  });

  async function sent(path, signal, token) {
    const headers = key ? { "X-Site-Key": key } : {};
    if (token) headers.Authorization = `Bearer ${token}`;
    try {
      return await fetch(`${endpoint}/api/v1/${path}`, { headers, signal, credentials: key ? "omit" : "same-origin" });
    } catch {
      throw new Failure(navigator.onLine ? "error" : "offline");
    }
  }

  return async (path, signal) => {
    const token = proof && await proven();
    let response = await sent(path, signal, token);
    if (response.status === 401 && token) {
      if (await promised === token) promised = undefined;
      response = await sent(path, signal, await proven());
    }
    const { status } = response;
    if (response.ok) return response.json();
    if (status === 429) throw new Failure("limited", status, Number(response.headers.get("Retry-After")) || 30);
    throw new Failure(status === 401 || status === 403 ? "unauthorised" : "error", status);
  };
}
