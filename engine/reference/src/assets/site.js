// Search and colours. Everything else works without scripts.
"use strict";

const root = document.documentElement.dataset.root ?? "";

// Colours
{
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : system.matches;
  };
  const say = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
  };
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("sifter-theme", next);
    } catch {
      // Kept for this page only.
    }
    say();
  });
  system.addEventListener("change", say);
  button.hidden = false;
  say();
}

// Search
{
  const MOST = 40;
  const box = document.getElementById("search");
  const input = document.getElementById("find");
  const list = document.getElementById("found");
  const count = document.getElementById("count");
  const index = (window.sifterIndex ?? []).map(([name, kind, url, also]) => ({
    name,
    kind,
    url,
    low: name.toLowerCase(),
    all: `${name} ${kind} ${also}`.toLowerCase(),
  }));
  let chosen = -1;

  // How well an entry fits: less is better, none is no fit. Every word must stand somewhere.
  const rank = (entry, text, words) => {
    if (!words.every((word) => entry.all.includes(word))) return null;
    if (entry.low.startsWith(`${text} (`)) return 1;
    const last = entry.low.slice(Math.max(entry.low.lastIndexOf("/"), entry.low.lastIndexOf(".")) + 1);
    if (entry.low === text) return 0;
    if (last === text) return 1;
    if (entry.low.startsWith(text)) return 2;
    if (last.startsWith(text)) return 3;
    if (entry.low.includes(text)) return 4;
    return words.every((word) => entry.low.includes(word)) ? 5 : 6;
  };

  const find = (typed) => {
    const text = typed.trim().toLowerCase();
    if (text === "") return [];
    const words = text.split(/\s+/);
    const fits = [];
    for (const entry of index) {
      const rankOf = rank(entry, text, words);
      if (rankOf !== null) fits.push([rankOf, entry]);
    }
    fits.sort((a, b) => a[0] - b[0] || a[1].name.length - b[1].name.length);
    return fits.map(([, entry]) => entry);
  };

  const choose = (at) => {
    const options = [...list.children];
    chosen = at;
    options.forEach((option, here) => option.setAttribute("aria-selected", String(here === at)));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", options[at].id);
      options[at].scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };

  const show = () => {
    const found = find(input.value);
    list.replaceChildren(
      ...found.slice(0, MOST).map((entry, at) => {
        const option = document.createElement("li");
        option.id = `found-${at}`;
        option.setAttribute("role", "option");
        option.dataset.url = root + entry.url;
        const name = document.createElement("span");
        name.textContent = entry.name;
        const kind = document.createElement("small");
        kind.textContent = entry.kind;
        option.append(name, " ", kind);
        return option;
      }),
    );
    const asked = input.value.trim() !== "";
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    const more = found.length > MOST ? `, the first ${MOST} are listed` : "";
    count.textContent = asked ? `${found.length} found${more}` : "";
    box.classList.toggle("nothing", asked && found.length === 0);
    choose(found.length > 0 ? 0 : -1);
  };

  const open = (option) => {
    if (!option) return;
    const url = option.dataset.url;
    close();
    input.value = "";
    input.blur();
    location.href = url;
  };

  input.addEventListener("input", show);
  input.addEventListener("focus", () => input.value && show());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const length = list.children.length;
    if (event.key === "ArrowDown" && length > 0) choose((chosen + 1) % length);
    else if (event.key === "ArrowUp" && length > 0) choose((chosen - 1 + length) % length);
    else if (event.key === "Enter") open(list.children[chosen]);
    else if (event.key === "Escape") {
      close();
      input.value = "";
      input.blur();
    } else return;
    event.preventDefault();
  });
  // Before the field loses the focus, which closes the list.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    open(event.target.closest("[role=option]"));
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  box.hidden = false;
}

// What a link leads to may stand in something that is closed.
{
  const show = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let around = target; around; around = around.parentElement) {
      if (around.tagName === "DETAILS") around.open = true;
    }
  };
  addEventListener("hashchange", show);
  show();
}
