/* Choosing photos: thumbs, removing, making them smaller before they travel. */
import { shrink, thumbnail } from "./photo-shrink.js";

export function photoPicker(texts, say) {
  const input = document.getElementById("id_photos");
  const list = document.getElementById("foto-tersimpan");
  const status = document.getElementById("foto-status");
  if (!input || typeof DataTransfer === "undefined") return () => true;
  const limit = Number(input.dataset.left);
  const stored = Number(input.dataset.stored);
  let files = [];
  let busy = 0;

  const writeBack = () => {
    const transfer = new DataTransfer();
    for (const entry of files) transfer.items.add(entry.file);
    input.files = transfer.files;
  };

  input.addEventListener("change", async () => {
    const chosen = [...input.files];
    const room = limit - files.length;
    status.textContent = chosen.length > room ? say(texts.tooMany, { limit: limit + stored }) : texts.shrinking;
    busy += 1;
    for (const file of chosen.slice(0, Math.max(0, room))) {
      const entry = { file: await shrink(file) };
      files.push(entry);
      list.append(await item(entry, stored + files.length));
    }
    busy -= 1;
    writeBack();
    if (status.textContent === texts.shrinking) status.textContent = "";
  });

  async function item(entry, number) {
    const row = document.createElement("li");
    row.className = "photo-item";
    const picture = await thumbnail(entry.file);
    if (picture) {
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", say(texts.photo, { number }));
      row.append(picture);
    } else {
      const name = document.createElement("span");
      name.className = "photo-pending";
      name.textContent = entry.file.name;
      row.append(name);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "photo-remove";
    button.setAttribute("aria-label", `${texts.remove}: ${say(texts.photo, { number })}`);
    button.textContent = "✕";
    button.addEventListener("click", () => {
      files = files.filter((other) => other !== entry);
      row.remove();
      writeBack();
      input.focus();
    });
    row.append(button);
    return row;
  }
  return () => busy === 0;
}
