/* Before and after over one another, with a slider: by finger, mouse, keyboard and screen reader.
   Without this script, and on paper, the two stand side by side. */
for (const box of document.querySelectorAll("[data-compare]")) {
  const stage = document.createElement("div");
  stage.className = "pair-stage";
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: "0", max: "100", step: "1", value: "50", className: "pair-slider" });
  slider.setAttribute("aria-label", box.dataset.label);
  const [before, after] = box.querySelectorAll("img");
  const captions = box.querySelectorAll("figcaption");
  const handle = document.createElement("span");
  handle.className = "pair-handle";
  handle.setAttribute("aria-hidden", "true");

  const show = () => {
    const n = Number(slider.value);
    stage.style.setProperty("--cut", `${n}%`);
    slider.setAttribute("aria-valuetext", box.dataset.value.replace("{n}", n).replace("{m}", 100 - n));
  };
  slider.addEventListener("input", show);
  stage.append(after, before, handle, slider);
  const words = document.createElement("div");
  words.className = "pair-words";
  captions.forEach((caption) => {
    const word = document.createElement("p");
    word.append(...caption.childNodes);
    words.append(word);
  });
  box.replaceChildren(stage, words);
  box.classList.add("is-ready");
  show();
}
