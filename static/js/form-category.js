/* Choosing the kind of problem: search over names and search words, then its questions. */
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");

export function categories(form, texts, say) {
  const list = document.getElementById("kategori-daftar");
  const chosen = document.getElementById("kategori-terpilih");
  const search = document.getElementById("cari-kategori");
  const searchBox = search.closest(".category-search");
  const output = document.getElementById("cari-hasil");
  const tiles = [...list.querySelectorAll(".tile")];
  const groups = [...list.querySelectorAll("details")];
  const textOf = new Map(
    tiles.map((tile) => {
      const group = tile.closest("details").querySelector("summary").textContent;
      return [tile, fold(`${group} ${tile.dataset.words} ${tile.textContent}`)];
    }),
  );
  const openBefore = new Map(groups.map((group) => [group, group.open]));

  search.addEventListener("input", () => {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const tile of tiles) {
      const text = textOf.get(tile);
      tile.hidden = !words.every((word) => text.includes(word));
      found += tile.hidden ? 0 : 1;
    }
    for (const group of groups) {
      const any = [...group.querySelectorAll(".tile")].some((tile) => !tile.hidden);
      group.hidden = !any;
      group.open = words.length ? any : openBefore.get(group);
    }
    output.textContent = words.length ? (found ? say(texts.results, { count: found }) : texts.noResults) : "";
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const visible = tiles.filter((tile) => !tile.hidden);
    if (search.value && visible.length) visible[0].querySelector("input").click();
  });

  const showList = (open) => {
    list.hidden = searchBox.hidden = !open;
    chosen.hidden = open;
  };
  const showChosen = (tile) => {
    const label = document.getElementById("kategori-nama");
    label.replaceChildren(tile.querySelector(".icon").cloneNode(true), tile.querySelector("strong").textContent);
    showList(false);
  };
  document.getElementById("kategori-ganti").addEventListener("click", () => {
    showList(true);
    const current = list.querySelector("input:checked");
    if (current) {
      current.closest("details").open = true;
      current.focus();
    } else {
      search.focus();
    }
  });

  const pick = (radio, { byPointer }) => {
    if (radio.dataset.private !== undefined) document.getElementById("id_is_private").checked = true;
    // The server need not turn the switch on any more: from here on it stands as the person leaves it.
    document.querySelector("#formulir [name=category_before]").value = radio.value;
    if (byPointer) showChosen(radio.closest(".tile"));
    loadQuestions(radio.value, texts);
  };
  // Arrow keys walk through the radios: the list stays open until Enter or a click.
  let pointer = false;
  list.addEventListener("pointerdown", () => (pointer = true));
  list.addEventListener("keydown", (event) => {
    pointer = false;
    if (event.key === "Enter" && event.target.matches("input[type=radio]")) {
      event.preventDefault();
      event.target.checked = true;
      pick(event.target, { byPointer: true });
      document.getElementById("kategori-ganti").focus();
    }
  });
  list.addEventListener("change", (event) => {
    if (event.target.name === "category") pick(event.target, { byPointer: pointer || event.target.closest(".tile").matches(":hover") });
  });
  const current = list.querySelector("input:checked");
  if (current) showChosen(current.closest(".tile"));
}

let latest = "";

async function loadQuestions(code, texts) {
  const step = document.getElementById("pertanyaan");
  const box = document.getElementById("daftar-pertanyaan");
  latest = code;
  box.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(step.dataset.url.replace("KODE", code));
    if (!response.ok) throw new Error(String(response.status));
    const html = await response.text();
    if (latest !== code) return;
    const given = new FormData(document.getElementById("formulir"));
    box.innerHTML = html;
    keepAnswers(box, given);
  } catch {
    box.textContent = texts.offline;
    document.querySelector(".no-js-only").classList.remove("no-js-only");
  }
  delete step.dataset.empty;
  box.removeAttribute("aria-busy");
}

function keepAnswers(box, given) {
  for (const input of box.querySelectorAll("input")) {
    const value = given.get(input.name);
    if (value === null) continue;
    if (input.type === "radio") input.checked = input.value === value;
    else input.value = value;
  }
}
