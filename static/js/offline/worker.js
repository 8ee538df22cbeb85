/* The service worker: keeps the form on the phone, stands in where no network answers, and sends what waits.
   `self.LAPOR` says what there is to keep; staff's rooms and the API are never touched. */
const { assets, layers, languages, version, form, questions, notOurs } = self.LAPOR;
const box = self.LaporKotak;
const FILES = `lapor-${version}`;
const SLOW_MS = 6_000;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const plain = (address) => new Request(address, { credentials: "omit", cache: HASHED.test(address) ? "default" : "no-cache" });

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const language = (await box.setting("language")) || "id";
      const cache = await caches.open(FILES);
      // What is unchanged since the last version is not fetched again.
      await Promise.all([...assets, ...layers].map((address) => keep(cache, address, true)));
      await keepLanguage(language);
      await self.skipWaiting();
    })(),
  );
});

async function keep(cache, address, mayReuse = false) {
  const known = mayReuse && (HASHED.test(address) || address.includes("?v=")) ? await caches.match(address) : undefined;
  const response = known || (await fetch(plain(address)));
  if (!response.ok) throw new Error(`${response.status} ${address}`);
  await cache.put(address, response);
}

async function keepLanguage(language) {
  const files = languages[language];
  if (!files) return;
  const cache = await caches.open(FILES);
  await Promise.all(Object.values(files).map((address) => keep(cache, address)));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("lapor-") && name !== FILES) await caches.delete(name);
      }
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data?.type !== "language") return;
  event.waitUntil(
    (async () => {
      await box.setSetting("language", event.data.language);
      const files = languages[event.data.language];
      const cache = await caches.open(FILES);
      if (files && !(await cache.match(files.form))) await keepLanguage(event.data.language).catch(() => undefined);
    })(),
  );
});

self.addEventListener("sync", (event) => {
  if (event.tag === box.LOCK) event.waitUntil(sendWaiting(event.lastChance));
});

async function sendWaiting() {
  const result = await box.sendAll({ force: true });
  for (const receipt of result?.sent ?? []) await notify(receipt);
  if (result?.left) throw new Error("some reports still wait"); // the browser tries again later
}

/* Only where the person allowed messages already; nobody is asked for it here. */
async function notify(receipt) {
  const open = await self.clients.matchAll({ type: "window" });
  if (open.some((client) => client.visibilityState === "visible")) return;
  if (self.Notification?.permission !== "granted") return;
  const texts = await (await stored("texts"))?.json();
  await self.registration.showNotification((texts?.sent || "{code}").replace("{code}", receipt.spoken_code), {
    tag: receipt.code,
    data: { url: receipt.path },
    icon: "/static/icons/app-192.png",
  });
}

async function stored(kind) {
  const language = (await box.setting("language")) || "id";
  const cache = await caches.open(FILES);
  return (await cache.match(languages[language]?.[kind] ?? "")) || cache.match(languages.id[kind]);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || notOurs.some((start) => url.pathname.startsWith(start))) return;
  if (request.mode === "navigate") {
    if (request.method === "GET") event.respondWith(page(event, url));
    else if (request.method === "POST" && url.pathname === form) event.respondWith(sendForm(request));
  } else if (request.method === "GET") {
    const answer = part(url);
    if (answer) event.respondWith(answer(request));
  }
});

/* A page from the network; where none answers, the kept form or the page that says what waits here. */
async function page(event, url) {
  const isForm = url.pathname === form;
  const network = (async () => (await event.preloadResponse) || fetch(event.request))();
  network.catch(() => undefined);
  event.waitUntil(network.catch(() => undefined));
  try {
    const slow = isForm ? new Promise((resolve) => setTimeout(resolve, SLOW_MS)) : new Promise(() => undefined);
    const response = await Promise.race([network, slow]);
    if (response) return response;
    return (await stored("form")) || (await network);
  } catch {
    return (await stored(isForm ? "form" : "page")) || Response.error();
  }
}

/* The form's own buttons. Without network nothing typed is lost: the draft is on the device already, and a
   report that was to be sent goes into the queue exactly as it was to be sent. */
async function sendForm(request) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    const given = await copy.formData();
    const key = String(given.get("key"));
    const draft = (await box.get(key)) || { key, photos: [], created_at: Date.now(), title: "" };
    if (given.get("action") !== "submit") return Response.redirect(`${form}?draf=${key}&tinjau=1`, 303);
    const left_out = new Set(["csrfmiddlewaretoken", "action", "category_before", "opened"]);
    const fields = [...given].filter(([name, value]) => typeof value === "string" && !left_out.has(name));
    const uuids = fields.filter(([name]) => name === "photo").map(([, value]) => value);
    const kept = draft.photos.filter((photo) => !photo.uuid || uuids.includes(photo.uuid));
    const known = new Set(kept.map((photo) => photo.uuid));
    const photos = [...kept, ...uuids.filter((uuid) => !known.has(uuid)).map((uuid) => ({ id: uuid, uuid }))];
    await box.enqueue({ ...draft, fields, photos });
    await self.registration.sync?.register(box.LOCK).catch(() => undefined);
    return Response.redirect(`${form}?antre=${key}#antrean`, 303);
  }
}

/* What a page asks for: files with their content's hash from here, the rest from the network first. */
function part(url) {
  const { pathname } = url;
  if (HASHED.test(pathname)) return fromHereFirst;
  if (layers.includes(pathname + url.search)) return fromHereFirst;
  if (assets.includes(pathname)) return fromNetworkFirst;
  const [before, after] = questions.split("KODE");
  if (pathname.startsWith(before) && pathname.endsWith(after)) {
    return (request) => fetch(request).catch(() => keptQuestions(pathname.slice(before.length, -after.length)));
  }
  if (Object.values(languages).some((files) => files.texts === pathname)) return fromNetworkFirst;
  return null;
}

async function fromHereFirst(request) {
  return (await (await caches.open(FILES)).match(request)) || fetch(request);
}

async function fromNetworkFirst(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(FILES)).match(request);
    if (kept) return kept;
    throw error;
  }
}

async function keptQuestions(code) {
  const bundle = await stored("questions");
  const html = bundle && (await bundle.json())[code];
  if (html === undefined || html === null) return Response.error();
  return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}
