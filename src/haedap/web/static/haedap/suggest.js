// Suggestions under the search box: a combobox with a listbox (WAI-ARIA 1.2). The form is whole without this file.
// The text belongs to whoever types it: nothing here writes to the input, and no key meant for an input method is taken.
(() => {
  const PAUSE = 80; // milliseconds without typing before asking
  const PATIENCE = 240; // at most so long while typing goes on
  const form = document.querySelector("form[data-suggest]");
  const input = form?.elements.namedItem("query");
  if (!input) return;

  const list = document.createElement("div");
  const status = document.createElement("p");
  let active = -1; // the option the arrows are at; -1: the text itself
  let listed = ""; // the text the list was made for
  let asked = ""; // the text last asked for and not given up
  let turn = 0; // only the answer to the latest question counts
  let request = null;
  let timer = 0;
  let since = 0;

  const text = () => input.value.trim();
  const isOpen = () => !list.hidden;

  function prepare() {
    list.id = "suggestions";
    list.className = "suggestions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", form.dataset.name);
    status.className = "hidden";
    status.setAttribute("role", "status");
    status.setAttribute("aria-live", "polite");
    form.append(list, status);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
  }

  function open() {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    const count = list.children.length;
    status.textContent = count === 1 ? form.dataset.one : form.dataset.many.replace("#", count);
  }

  function close() {
    giveUp();
    activate(-1);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    status.textContent = "";
  }

  function giveUp() {
    clearTimeout(timer);
    timer = since = 0;
    turn++;
    request?.abort();
    request = null;
    asked = "";
  }

  function activate(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  // Through the options and, between the last and the first, the text itself.
  function move(step) {
    giveUp(); // the list must not change under the hand that chooses
    const places = list.children.length + 1;
    activate(((active + 1 + step + places) % places) - 1);
  }

  function typed() {
    activate(-1);
    if (!text()) return close();
    const now = performance.now();
    since ||= now;
    clearTimeout(timer);
    timer = setTimeout(ask, Math.max(0, Math.min(PAUSE, since + PATIENCE - now)));
  }

  async function ask() {
    const query = text();
    since = 0;
    if (!query || query === asked) return;
    giveUp();
    asked = query;
    const mine = turn;
    request = new AbortController();
    const address = new URL(form.dataset.suggest, location.href);
    for (const [name, value] of new FormData(form)) address.searchParams.set(name, value);
    let options = [];
    try {
      const response = await fetch(address, { signal: request.signal, headers: { Accept: "application/json" } });
      if (response.ok) options = (await response.json()).suggestions.map(optionOf);
    } catch {
      // Suggestions are a courtesy: without an answer there is no list, and searching goes on as ever.
    }
    if (mine !== turn) return;
    list.replaceChildren(...options);
    listed = query;
    if (options.length) open();
    else close();
  }

  function optionOf({ kind, title, highlights, url, service, category, staff_only }, index) {
    const option = element("a", "", null);
    option.id = `suggestion-${index}`;
    option.href = url;
    option.tabIndex = -1;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const names = kind === "article" ? [service?.name, category?.name] : [kind === "category" && service?.name];
    const place = element("span", "place", names.filter(Boolean).join(" › "));
    if (kind !== "article") place.prepend(element("span", "tag", form.dataset[kind]), " ");
    if (staff_only) place.prepend(element("span", "tag staff", form.dataset.staff), " ");
    option.append(marked(title, highlights), " ", place);
    return option;
  }

  // Highlights are spans of characters, not of UTF-16 units.
  function marked(title, highlights) {
    const characters = [...title];
    const made = element("span", "title", null);
    let at = 0;
    for (const [start, end] of highlights) {
      made.append(characters.slice(at, start).join(""), element("mark", "", characters.slice(start, end).join("")));
      at = end;
    }
    made.append(characters.slice(at).join(""));
    return made;
  }

  function element(name, className, content) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (content) made.textContent = content;
    return made;
  }

  function pressed(event) {
    // 229 is Safari's Enter that ends a composition.
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        if (text()) event.preventDefault();
        return arrow(event.key === "ArrowDown" ? 1 : -1, event.altKey);
      case "Escape":
        event.preventDefault(); // always, since a search field empties itself on Escape
        return close();
      case "Enter":
        if (active < 0) return;
        event.preventDefault();
        return list.children[active].click();
      case "Home":
      case "End":
      case "ArrowLeft":
      case "ArrowRight":
        activate(-1); // back to the text, where the key does what it always does
    }
  }

  function arrow(step, alone) {
    if (isOpen() && alone) return step < 0 ? close() : undefined;
    if (isOpen()) return move(step);
    if (!list.children.length || listed !== text()) return ask();
    open();
    if (!alone) move(step);
  }

  prepare();
  input.addEventListener("input", typed);
  input.addEventListener("keydown", pressed);
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
  list.addEventListener("pointerdown", giveUp);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // a click or a tap leaves the focus in the box
  list.addEventListener("click", (event) => event.ctrlKey || event.metaKey || event.shiftKey || close());
  document.addEventListener("pointerdown", (event) => form.contains(event.target) || close());
  window.addEventListener("pagehide", close);
})();
