/* "Say it in your own words": the server suggests kinds of problem; without network the words of the list do.
   A suggestion is only offered: nothing is chosen before somebody taps it or presses Enter on it. */
const WAIT_MS = 180;
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");

export function suggestions(tiles, choose, texts, say) {
  const input = document.getElementById("cari-kategori");
  const list = document.getElementById("kategori-usulan");
  const output = document.getElementById("cari-hasil");
  const byCode = new Map(tiles.map((tile) => [tile.querySelector("input").value, tile]));
  let timer = 0;
  let latest = "";

  const show = (codes) => {
    list.replaceChildren(...codes.filter((code) => byCode.has(code)).map((code) => item(byCode.get(code))));
    list.hidden = !list.children.length;
    output.textContent = list.children.length
      ? say(texts.results, { count: list.children.length })
      : texts.noResults;
  };

  const ask = async () => {
    const words = input.value.trim();
    latest = words;
    if (words.length < 2) {
      list.replaceChildren();
      list.hidden = true;
      output.textContent = "";
      return;
    }
    const codes = (await fromServer(input.dataset.url, words)) ?? fromList(tiles, words);
    if (latest === words) show(codes);
  };

  function item(tile) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tile suggestion";
    button.dataset.code = tile.querySelector("input").value;
    button.append(tile.querySelector(".icon").cloneNode(true), tile.querySelector(":scope > span").cloneNode(true));
    button.addEventListener("click", () => choose(tile, input.value.trim()));
    row.append(button);
    return row;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", async (event) => {
    const down = event.key === "ArrowDown";
    if (!down && event.key !== "Enter") return;
    event.preventDefault(); // Enter must not send the form
    clearTimeout(timer);
    if (!down || list.hidden) await ask();
    list.querySelector("button")?.focus();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") input.focus();
    if (!step) return;
    event.preventDefault();
    const buttons = [...list.querySelectorAll("button")];
    (buttons[buttons.indexOf(event.target.closest("button")) + step] ?? input).focus();
  });
  if (input.value) ask();
}

async function fromServer(url, words) {
  try {
    const response = await fetch(`${url}?q=${encodeURIComponent(words)}`);
    if (!response.ok) return null;
    return (await response.json()).suggestions.map((one) => one.code);
  } catch {
    return null; // no network: the list's own words
  }
}

function fromList(tiles, words) {
  const wanted = fold(words).split(/\s+/).filter((word) => word.length > 2);
  return tiles
    .map((tile) => {
      const text = fold(`${tile.dataset.words} ${tile.textContent}`);
      return [wanted.filter((word) => text.includes(word)).length, tile.querySelector("input").value];
    })
    .filter(([count]) => count)
    .sort((one, other) => other[0] - one[0])
    .slice(0, 5)
    .map(([, code]) => code);
}
