/* Photos: made smaller, kept with the draft, and sent one by one as soon as they are chosen. */
import "./offline/core.js";
import { photoFacts } from "./photo-exif.js";
import { shrink, thumbnail } from "./photo-shrink.js";

const box = self.LaporKotak;
const FIRST_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 60_000;

/** The picker. `onChange()` is called when photos came, went or were sent; `onFacts(facts)` for each new one. */
export function photoPicker({ form, texts, say, onChange, onFacts }) {
  const input = document.getElementById("id_photos");
  const list = document.getElementById("foto-tersimpan");
  const status = document.getElementById("foto-status");
  const left = () => Number(input?.dataset.left ?? 0) - photos.length;
  const stored = Number(input?.dataset.stored ?? 0);
  const photos = []; // {id, blob, name, uuid, latitude, longitude, taken_at, state, row, attempts}
  const gone = new Set(); // uuids that the server must still forget
  const key = () => form.elements.key.value;
  let preparing = Promise.resolve();
  let chain = null;

  input?.addEventListener("change", () => {
    const chosen = [...input.files];
    if (chosen.length > left()) status.textContent = say(texts.tooMany, { limit: Number(input.dataset.left) + stored });
    else status.textContent = texts.shrinking;
    preparing = preparing.then(() => take(chosen.slice(0, Math.max(0, left())))).then(upload);
    input.value = "";
  });

  async function take(files) {
    for (const file of files) {
      const facts = await photoFacts(file);
      const blob = await shrink(file);
      if (await isHere(blob)) {
        status.textContent = texts.sameAgain;
        continue;
      }
      add({ id: box.newKey(), blob, name: blob.name || file.name, uuid: null, ...facts, state: "waiting" });
      onFacts(facts, file);
    }
    if (status.textContent === texts.shrinking) status.textContent = "";
    onChange();
  }

  async function isHere(blob) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    for (const photo of photos) {
      if (photo.blob?.size !== blob.size) continue;
      const others = new Uint8Array(await photo.blob.arrayBuffer());
      if (others.every((byte, index) => byte === bytes[index])) return true;
    }
    return false;
  }

  function add(photo) {
    photos.push(photo);
    photo.row = row(photo);
    list.append(photo.row);
    show(photo);
  }

  const number = (photo) => stored + photos.indexOf(photo) + 1;

  function row(photo) {
    const item = document.createElement("li");
    item.className = "photo-item";
    const frame = document.createElement("span");
    frame.className = "photo-pending";
    frame.textContent = photo.name ?? "";
    item.append(frame);
    picture(photo).then((image) => image && frame.replaceWith(image));
    const remove = button("photo-remove", "✕", () => drop(photo));
    remove.setAttribute("aria-label", `${texts.remove}: ${say(texts.photo, { number: number(photo) })}`);
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.setAttribute("aria-label", say(texts.photo, { number: number(photo) }));
    const note = document.createElement("p");
    note.className = "photo-note";
    const again = button("btn btn-quiet photo-again", texts.tryAgain, () => {
      photo.state = "waiting";
      photo.attempts = 0;
      upload();
    });
    item.append(remove, bar, note, again);
    return item;
  }

  async function picture(photo) {
    const label = say(texts.photo, { number: number(photo) });
    const canvas = photo.blob ? await thumbnail(photo.blob) : null;
    if (canvas) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", label);
      return canvas;
    }
    if (!photo.preview) return null;
    const image = new Image(160, 120);
    image.src = photo.preview;
    image.alt = label;
    return image;
  }

  function button(css, label, act) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = css;
    element.textContent = label;
    element.addEventListener("click", act);
    return element;
  }

  function show(photo, percent = 0) {
    const [bar, note, again] = ["progress", ".photo-note", ".photo-again"].map((part) => photo.row.querySelector(part));
    photo.row.dataset.state = photo.state;
    bar.hidden = photo.state !== "sending";
    bar.value = percent;
    again.hidden = !(photo.state === "refused" || (photo.state === "waiting" && photo.attempts));
    const words = { sending: texts.uploading, sent: texts.uploaded, waiting: texts.uploadWaits, refused: texts.uploadRefused };
    const sentence = photo.state === "waiting" && photo.attempts ? texts.uploadFailed : words[photo.state];
    note.textContent = say(sentence, { number: number(photo), percent, message: photo.message });
    if (photo.state === "refused" || photo.state === "sent") status.textContent = note.textContent;
  }

  async function drop(photo) {
    photos.splice(photos.indexOf(photo), 1);
    photo.request?.abort();
    photo.row.remove();
    if (photo.uuid) gone.add(photo.uuid);
    onChange();
    (input ?? list).focus();
    forget();
  }

  async function forget() {
    for (const uuid of gone) {
      const asked = new FormData();
      asked.append("key", key());
      asked.append("photo", uuid);
      const answer = await box.postForm(`${box.PHOTO_PATH}hapus/`, asked).catch(() => null);
      if (answer?.status === 200) gone.delete(uuid);
    }
    return gone.size === 0;
  }

  /* One after the other: on a thin line two at once would only make both late. */
  function upload() {
    chain ??= sendWaiting().finally(() => (chain = null));
    return chain;
  }

  async function sendWaiting() {
    for (let photo = next(); photo; photo = next()) {
      photo.state = "sending";
      show(photo);
      let answer;
      try {
        answer = await post(photo);
      } catch {
        answer = { status: 0, body: {} };
      }
      if (!photos.includes(photo)) {
        if (answer.body.uuid) gone.add(answer.body.uuid);
        await forget();
        continue;
      }
      take_answer(photo, answer);
      show(photo);
      onChange();
      if (photo.state === "waiting") return;
    }
  }

  const next = () => photos.find((photo) => photo.state === "waiting" && !photo.uuid && !(photo.next_at > Date.now()));

  function take_answer(photo, { status: code, body }) {
    if (code === 200 || code === 201) {
      Object.assign(photo, { uuid: body.uuid, state: "sent", attempts: 0 });
    } else if (code === 422 || code === 413 || code === 400) {
      Object.assign(photo, { state: "refused", message: body.message ?? "" });
    } else {
      const attempts = (photo.attempts || 0) + 1;
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1));
      Object.assign(photo, { state: "waiting", attempts, next_at: Date.now() + wait });
      setTimeout(upload, wait + 50);
    }
  }

  /* fetch tells nothing of how far a sending is; XMLHttpRequest does. */
  function post(photo) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      photo.request = request;
      request.open("POST", box.PHOTO_PATH);
      for (const [name, value] of Object.entries(box.HEADERS)) request.setRequestHeader(name, value);
      request.responseType = "json";
      request.timeout = 120_000;
      request.upload.onprogress = ({ loaded, total }) => show(photo, Math.round((loaded / total) * 100));
      request.onload = () => resolve({ status: request.status, body: request.response ?? {} });
      request.onerror = request.onabort = request.ontimeout = () => reject(new Error("network"));
      request.send(box.photoForm(key(), photo));
    });
  }

  window.addEventListener("online", () => {
    for (const photo of photos) photo.next_at = 0;
    upload();
  });

  return {
    /** Every photo as the draft keeps it. */
    kept: () =>
      photos
        .filter((photo) => photo.state !== "refused")
        .map(({ id, blob, name, uuid, latitude, longitude, taken, offset }) => ({ id, blob, name, uuid, latitude, longitude, taken, offset })),
    restore(kept) {
      for (const photo of kept) {
        const preview = photo.uuid ? `${box.PHOTO_PATH}${key()}/${photo.uuid}.webp` : "";
        add({ ...photo, preview, state: photo.uuid ? "sent" : "waiting" });
      }
      upload();
    },
    /** All is sent: true; something waits for the network: false; something was refused: null. */
    async settle() {
      await preparing;
      for (const photo of photos) photo.next_at = 0;
      if (photos.some((photo) => !photo.uuid)) status.textContent = texts.stillSending;
      await upload();
      await upload();
      if (photos.some((photo) => photo.state === "refused")) {
        status.textContent = texts.removeRefused;
        return null;
      }
      return photos.every((photo) => photo.uuid) && (await forget());
    },
    ready: () => preparing,
    count: () => photos.length + stored,
  };
}
