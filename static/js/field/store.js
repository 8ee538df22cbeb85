/* What the field page keeps on this phone: per account a snapshot of its cases, and the steps not sent yet.

   A step: {key, user, report, code, step, label, fields, claim, photos: [{name, blob, uuid}], version, seen, said_at,
   state, problem, attempts, next_at}; state is "queued", or why it was not taken: "refused", "conflict", "proof".
   `key` is made with the step: however often it is sent, it is taken once. */
const DATABASE = "lapor-lapangan";
const KEEP_MS = 48 * 3600 * 1000; // cases of the day before yesterday are nobody's work any more
const PICTURES = "lapangan-foto-";

let opened = null;
const memory = { snapshots: new Map(), steps: new Map() };
const keyOf = { snapshots: "user", steps: "key" };

function open() {
  opened ??= new Promise((resolve) => {
    let request;
    try {
      request = indexedDB.open(DATABASE, 1);
    } catch {
      resolve(null);
      return;
    }
    request.onupgradeneeded = () => {
      request.result.createObjectStore("snapshots", { keyPath: "user" });
      request.result.createObjectStore("steps", { keyPath: "key" });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = request.onblocked = () => resolve(null);
  });
  return opened;
}

async function inStore(store, mode, work, inMemory) {
  const database = await open();
  if (!database) return inMemory(memory[store]);
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

const all = (store) => inStore(store, "readonly", (box) => box.getAll(), (box) => [...box.values()]);
const get = (store, key) => inStore(store, "readonly", (box) => box.get(key), (box) => box.get(key));
const put = (store, row) => inStore(store, "readwrite", (box) => box.put(row), (box) => box.set(row[keyOf[store]], row));
const remove = (store, key) => inStore(store, "readwrite", (box) => box.delete(key), (box) => box.delete(key));

/** Whether this browser keeps anything when the page is closed. */
export const isKept = async () => (await open()) !== null;

export const putStep = (step) => put("steps", step);
export const getStep = (key) => get("steps", key);
export const removeStep = (key) => remove("steps", key);

/** An account's steps, oldest first. */
export async function stepsOf(user) {
  const found = (await all("steps")).filter((step) => step.user === user);
  return found.sort((one, other) => one.made_at - other.made_at);
}

export const stepsOfOthers = async (user) => (await all("steps")).filter((step) => step.user !== user).length;

/** Keep what the portal said; of other accounts nothing stays but their unsent steps. */
export async function keep(data) {
  const { csrf: _token, ...kept } = data;
  for (const row of await all("snapshots")) if (row.user !== data.user.id) await forget(row.user);
  await put("snapshots", { user: data.user.id, kept_at: Date.now(), data: kept });
  await keepPictures(data);
}

/** The account that was here last and its cases, if they are not too old. */
export async function lastKept() {
  const rows = (await all("snapshots")).sort((one, other) => other.kept_at - one.kept_at);
  for (const row of rows) if (Date.now() - row.kept_at > KEEP_MS) await forget(row.user);
  return rows.find((row) => Date.now() - row.kept_at <= KEEP_MS) ?? null;
}

/** Delete an account's cases and pictures from this phone. Unsent steps stay. */
export async function forget(user) {
  await remove("snapshots", user);
  await self.caches?.delete(PICTURES + user);
}

async function keepPictures(data) {
  if (!self.caches) return;
  const wanted = [...data.stops, ...data.paused].flatMap((stop) => stop.photos);
  const cache = await caches.open(PICTURES + data.user.id);
  const known = new Map((await cache.keys()).map((request) => [new URL(request.url).pathname, request]));
  for (const [path, request] of known) if (!wanted.includes(path)) await cache.delete(request);
  for (const path of wanted) if (!known.has(path)) await cache.add(path).catch(() => undefined);
}

/** A random UUID, also on pages that came without TLS, where browsers do not make one. */
export function newKey() {
  if (self.crypto.randomUUID) return self.crypto.randomUUID();
  const bytes = self.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
