/* The field page's own service worker: its empty page, files, map and pictures without network. Cases are not in
   here: they are kept per account by store.js, which also keeps the pictures. `self.LAPANGAN` says what there is. */
const { version, assets, layers, shells, page, photos } = self.LAPANGAN;
const FILES = `lapangan-berkas-${version}`;
const LANGUAGE = "/admin/lapangan/luring/bahasa";
const SLOW_MS = 6_000;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(FILES);
      await Promise.all([...assets, ...layers, ...Object.values(shells)].map((address) => keep(cache, address)));
      await self.skipWaiting();
    })(),
  );
});

async function keep(cache, address) {
  const known = HASHED.test(address) || address.includes("?v=") ? await caches.match(address) : undefined;
  const response = known || (await fetch(new Request(address, { credentials: "omit", cache: "no-cache" })));
  if (!response.ok) throw new Error(`${response.status} ${address}`);
  await cache.put(address, response);
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const old = await caches.match(LANGUAGE);
      const language = old ? await old.text() : null;
      for (const name of await caches.keys()) {
        if (name.startsWith("lapangan-berkas-") && name !== FILES) await caches.delete(name);
      }
      if (language) await setLanguage(language);
      await self.clients.claim();
    })(),
  );
});

const setLanguage = async (language) => (await caches.open(FILES)).put(LANGUAGE, new Response(language));

self.addEventListener("message", (event) => {
  if (event.data?.type === "language" && shells[event.data.language]) event.waitUntil(setLanguage(event.data.language));
});

async function shell() {
  const cache = await caches.open(FILES);
  const chosen = await cache.match(LANGUAGE);
  return cache.match(shells[chosen ? await chosen.text() : "id"] ?? shells.id);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (url.pathname === page) event.respondWith(open(event));
  } else if (assets.includes(url.pathname) || layers.includes(url.pathname + url.search)) event.respondWith(file(request));
  else if (url.pathname.startsWith(photos)) event.respondWith(picture(request));
});

/* The page from the network; the empty one where none answers in time. */
async function open(event) {
  const network = fetch(event.request);
  network.catch(() => undefined);
  const slow = new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  try {
    return (await Promise.race([network, slow])) || (await shell()) || (await network);
  } catch {
    return (await shell()) || Response.error();
  }
}

async function file(request) {
  const cache = await caches.open(FILES);
  return (await cache.match(request, { ignoreVary: true })) || fetch(request);
}

async function picture(request) {
  return (await caches.match(request, { ignoreVary: true })) || fetch(request);
}
