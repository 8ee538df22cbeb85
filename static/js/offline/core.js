/* What waits on this device, and how it is sent: drafts and receipts in IndexedDB, one sender at a time.

   Used by the pages and by the service worker, so it is a plain script that makes `self.LaporKotak`.
   A draft: {key, state, fields: [[name, value]], photos, title, language, created_at, updated_at, attempts,
   next_at, faults, message, tried}; state is "draft", "queued" or "refused". A photo: {id, name, blob, uuid,
   latitude, longitude, taken_at}; `uuid` once the server has it. `key` is the report's idempotency key, made
   with the draft: however often it is sent, one report is filed. */
(() => {
  if (self.LaporKotak) return; // another script of this page has brought it
  const DATABASE = "lapor";
  const KEEP_MS = 30 * 24 * 3600 * 1000;
  const FIRST_WAIT_MS = 5_000;
  const LONGEST_WAIT_MS = 10 * 60_000;
  const PHOTO_PATH = "/lapor/foto/";
  const REPORT_PATH = "/lapor/kirim/";
  const HEADERS = { "X-Lapor-Form": "1", Accept: "application/json" };
  const LOCK = "lapor-kirim";
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("lapor");

  let opened = null;

  /* Stands in for a store where the browser keeps nothing: as long as the page is open. */
  function boxInMemory(name) {
    const rows = new Map();
    return {
      getAll: () => ({ result: [...rows.values()] }),
      get: (key) => ({ result: rows.get(key) }),
      put: (row) => (rows.set(row[name], row), {}),
      delete: (key) => (rows.delete(key), {}),
    };
  }
  const memory = { drafts: boxInMemory("key"), mine: boxInMemory("code"), settings: boxInMemory("name") };

  /** The database, or null where the browser keeps nothing (private windows, full disks). */
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
        request.result.createObjectStore("drafts", { keyPath: "key" });
        request.result.createObjectStore("mine", { keyPath: "code" });
        request.result.createObjectStore("settings", { keyPath: "name" });
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close();
        resolve(request.result);
      };
      request.onerror = request.onblocked = () => resolve(null);
    });
    return opened;
  }

  async function inStore(store, mode, work, otherwise) {
    const database = await open();
    if (!database) return work(memory[store]).result ?? otherwise;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  const all = (store) => inStore(store, "readonly", (box) => box.getAll(), []);
  const get = (key) => inStore("drafts", "readonly", (box) => box.get(key), undefined);
  const mine = async () => (await all("mine")).sort((one, other) => (one.sent_at < other.sent_at ? 1 : -1));
  const setting = async (name) => (await inStore("settings", "readonly", (box) => box.get(name), undefined))?.value;
  const setSetting = (name, value) => inStore("settings", "readwrite", (box) => box.put({ name, value }));

  function tell(message) {
    channel?.postMessage(message);
    if (typeof document !== "undefined") document.dispatchEvent(new CustomEvent("lapor:antrean", { detail: message }));
  }

  async function put(draft, quiet = false) {
    await inStore("drafts", "readwrite", (box) => box.put(draft));
    if (!quiet) tell({ type: "changed", key: draft.key });
  }

  async function remove(key) {
    await inStore("drafts", "readwrite", (box) => box.delete(key));
    tell({ type: "changed", key });
  }

  async function keepMine(receipt) {
    await inStore("mine", "readwrite", (box) => box.put(receipt));
    tell({ type: "changed" });
  }

  async function forgetMine(code) {
    await inStore("mine", "readwrite", (box) => box.delete(code));
    tell({ type: "changed" });
  }

  /** All drafts, newest first; those untouched for thirty days are deleted on the way. */
  async function drafts() {
    const kept = [];
    for (const draft of await all("drafts")) {
      if (draft.state === "draft" && Date.now() - draft.updated_at > KEEP_MS) await remove(draft.key);
      else kept.push(draft);
    }
    return kept.sort((one, other) => other.updated_at - one.updated_at);
  }

  /** Run `work` while no other tab and no worker sends; undefined if one does, unless it `waits` for its turn. */
  function exclusively(work, { waits = false } = {}) {
    if (!self.navigator?.locks) return work();
    return navigator.locks.request(LOCK, { ifAvailable: !waits }, (lock) => (lock ? work() : undefined));
  }

  async function postForm(path, form) {
    return read(await fetch(path, { method: "POST", body: form, headers: HEADERS, credentials: "same-origin" }));
  }

  async function read(response) {
    const body = await response.json().catch(() => ({}));
    const wait = Number(response.headers.get("Retry-After")) || 0;
    return { status: response.status, body, wait_ms: wait * 1000 };
  }

  function photoForm(key, photo) {
    const form = new FormData();
    form.append("key", key);
    form.append("photos", photo.blob, photo.name || "foto.jpg");
    return form;
  }

  function reportForm(draft, fields) {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    form.set("key", draft.key);
    if (draft.language) form.set("language", draft.language);
    return form;
  }

  const withPhotos = (draft) => [
    ...draft.fields.filter(([name]) => name !== "photo"),
    ...draft.photos.map((photo) => ["photo", photo.uuid]),
  ];

  /** Something only waiting helps against: no network, a busy server. */
  class Later extends Error {
    constructor(wait_ms = 0) {
      super("later");
      this.wait_ms = wait_ms;
    }
  }

  class Refused extends Error {
    constructor(message, faults = []) {
      super(message);
      this.faults = faults;
    }
  }

  function judge({ status, body, wait_ms }) {
    if (status === 422 || status === 413 || status === 400) throw new Refused(body.message || String(status), body.faults);
    if (status === 409) return body;
    if (status !== 200 && status !== 201) throw new Later(wait_ms);
    return body;
  }

  async function sendPhotos(draft, post) {
    for (const [index, photo] of draft.photos.entries()) {
      if (photo.uuid) continue;
      tell({ type: "progress", key: draft.key, photo: index + 1, count: draft.photos.length });
      let facts;
      try {
        facts = judge(await post(PHOTO_PATH, photoForm(draft.key, photo), draft.key));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        throw new Refused(error.message, [{ field: "photos", message: error.message, anchor: "foto" }]);
      }
      photo.uuid = facts.uuid;
      await put(draft, true);
    }
  }

  async function sendReport(draft, post) {
    const fields = withPhotos(draft);
    const before = draft.tried;
    draft.tried = fields; // should the answer get lost, this is what the server may have filed
    await put(draft, true);
    tell({ type: "progress", key: draft.key });
    let answer = judge(await post(REPORT_PATH, reportForm(draft, fields), draft.key));
    if (answer.code === "key_reused" && before) {
      answer = judge(await post(REPORT_PATH, reportForm(draft, before), draft.key));
      answer.first_version = true;
    }
    if (answer.code === "key_reused") throw new Refused(answer.message);
    return answer;
  }

  async function deliver(draft, post) {
    await sendPhotos(draft, post);
    let answer = await sendReport(draft, post);
    if (answer.code === "photos_missing") {
      for (const photo of draft.photos) if (answer.missing.includes(photo.uuid)) photo.uuid = null;
      if (draft.photos.some((photo) => !photo.uuid && !photo.blob)) {
        throw new Refused(answer.message, [{ field: "photos", message: answer.message, anchor: "foto" }]);
      }
      await sendPhotos(draft, post);
      answer = await sendReport(draft, post);
      if (answer.code === "photos_missing") throw new Later();
    }
    return answer;
  }

  /** Send one draft; its receipt, or null if it waits on or was refused. To be called under the lock. */
  async function sendOne(draft, post) {
    try {
      const receipt = { ...(await deliver(draft, post)), key: draft.key };
      await keepMine(receipt);
      await remove(draft.key);
      tell({ type: "sent", key: draft.key, receipt });
      return receipt;
    } catch (error) {
      if (error instanceof Refused) {
        await put({ ...draft, state: "refused", message: error.message, faults: error.faults });
        tell({ type: "refused", key: draft.key });
        return null;
      }
      const attempts = (draft.attempts || 0) + 1;
      const wait = error.wait_ms || Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 3 ** Math.min(attempts - 1, 6));
      await put({ ...draft, attempts, next_at: Date.now() + wait });
      return null;
    }
  }

  /** Send all that waits, oldest first; `force` also what is to be tried later, after whoever sends just now.
      Resolves with {sent: receipts, left: how many still wait}, or undefined where somebody else sends. */
  function sendAll({ post = postForm, force = false } = {}) {
    return exclusively(async () => {
      const sent = [];
      const waiting = (await drafts()).filter((draft) => draft.state === "queued").reverse();
      for (const { key } of waiting) {
        const draft = await get(key);
        if (!draft || draft.state !== "queued" || (!force && draft.next_at > Date.now())) continue;
        const receipt = await sendOne(draft, post);
        if (receipt) sent.push(receipt);
      }
      const left = (await drafts()).filter((draft) => draft.state === "queued");
      return { sent, left: left.length };
    }, { waits: force });
  }

  /** Take a draft out of the queue to change it; false while it is being sent. */
  async function takeBack(key) {
    const taken = await exclusively(async () => {
      const draft = await get(key);
      if (draft && draft.state !== "draft") await put({ ...draft, state: "draft", next_at: 0, updated_at: Date.now() });
      return true;
    });
    return taken === true;
  }

  /** Delete a draft for good; false while it is being sent. */
  async function discard(key) {
    return (await exclusively(async () => (await remove(key), true))) === true;
  }

  async function enqueue(draft) {
    await put({ ...draft, state: "queued", attempts: 0, next_at: 0, faults: [], message: "", updated_at: Date.now() });
    try {
      const registration = await navigator.serviceWorker?.getRegistration?.();
      await registration?.sync?.register(LOCK);
    } catch {
      /* no Background Sync here: the pages send when the network is back */
    }
  }

  /** A random UUID, also on pages that came without TLS, where browsers do not make one. */
  function newKey() {
    if (self.crypto.randomUUID) return self.crypto.randomUUID();
    const bytes = self.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  self.LaporKotak = {
    newKey, LOCK, HEADERS, PHOTO_PATH, channel, open, all, get, put, remove, drafts, mine, keepMine, forgetMine, setting,
    setSetting, sendAll, takeBack, discard, enqueue, exclusively, postForm, read, photoForm, tell,
  };
})();
