/** Ask the service; gives {ok, status, told, tag}, with status 0 where it was not reached. */
export async function ask(method, path, body, more = {}) {
  const headers = { ...more.headers };
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (token) headers["X-CSRF-Token"] = token;
  if (body !== undefined && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  try {
    const answer = await fetch(`/api/v1${path}`, { ...more, method, headers, body });
    const json = answer.headers.get("content-type")?.includes("json");
    const told = json ? await answer.json() : null;
    return { ok: answer.ok, status: answer.status, told, tag: answer.headers.get("etag") };
  } catch {
    return { ok: false, status: 0, told: null, tag: null };
  }
}
