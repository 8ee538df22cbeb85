/* The part of the service worker that shows notifications. Taken in by /sw.js with importScripts. */
function readPush(event) {
  try {
    return event.data ? event.data.json() : {};
  } catch {
    return {};
  }
}

self.addEventListener("push", (event) => {
  const news = readPush(event);
  const links = {};
  for (const action of news.actions || []) links[action.action] = action.url;
  event.waitUntil(
    self.registration.showNotification(news.title || "Lapor", {
      body: news.body || "",
      icon: "/static/icons/app-192.png",
      tag: news.tag || undefined,
      renotify: Boolean(news.tag),
      lang: news.lang || "id",
      data: { url: news.url || "/", links },
      actions: (news.actions || []).map(({ action, title }) => ({ action, title })).slice(0, 2),
    }),
  );
});

/* Opens the page, or brings it to the front where it is open already. Only our own pages. */
async function openPage(address) {
  const url = new URL(address, self.location.origin);
  if (url.origin !== self.location.origin) return undefined;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((client) => client.url === url.href);
  return open ? open.focus() : self.clients.openWindow(url.href);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url, links } = event.notification.data || {};
  event.waitUntil(openPage(links?.[event.action] || url || "/"));
});

/* The push service gave this browser another address: tell the portal, or the news would go nowhere. */
self.addEventListener("pushsubscriptionchange", (event) => {
  const old = event.oldSubscription;
  if (!old) return;
  event.waitUntil(
    (async () => {
      const fresh = event.newSubscription || (await self.registration.pushManager.subscribe(old.options));
      const { keys } = fresh.toJSON();
      const data = new FormData();
      data.set("old", old.endpoint);
      data.set("endpoint", fresh.endpoint);
      data.set("p256dh", keys.p256dh);
      data.set("auth", keys.auth);
      await fetch("/ikuti/pindah/", { method: "POST", body: data });
    })(),
  );
});
