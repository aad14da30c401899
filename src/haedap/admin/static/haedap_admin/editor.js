// The article editor: tabs for languages and bodies, adding and removing them, and a warning before text is lost.
// Everything here only makes easier what the plain form does; the server decides what a form means.

import { equip, shown } from "./editor-text.js";
import { keepCopies } from "./editor-keep.js";
import { ask, format, token, words } from "./editor-words.js";

const editor = document.getElementById("hd-editor");
const form = document.getElementById("article_form");
const bodies = document.getElementById("hd-bodies");
const readOnly = "readonly" in editor.dataset;

const icon = (name) => `<span class="material-symbols-outlined" aria-hidden="true">${name}</span>`;
const panels = () => [...bodies.querySelectorAll(".hd-panel:not([data-removed])")];
const bodiesOf = (panel) => [...panel.querySelectorAll(".hd-body:not([data-removed])")];

function button(label, attributes, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.innerHTML = label;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.addEventListener("click", act);
  return made;
}

function text(value) {
  const span = document.createElement("span");
  span.textContent = value;
  return span.innerHTML;
}

function tabs(holder, kind, label, items, chosen, choose) {
  const list = document.createElement("div");
  list.className = `hd-tabs ${kind}`;
  const strip = document.createElement("div");
  strip.setAttribute("role", "tablist");
  strip.setAttribute("aria-label", label);
  strip.className = "hd-tabs";
  for (const item of items) {
    const selected = item === chosen;
    const tab = button(text(item.dataset.name), {
      role: "tab", "aria-selected": selected, "aria-controls": item.id, tabindex: selected ? 0 : -1, id: `${item.id}-tab`,
    }, () => choose(item));
    const wrong = item.matches("[data-wrong]") || item.querySelector(".hd-error");
    tab.classList.toggle("wrong", Boolean(wrong));
    item.setAttribute("role", "tabpanel");
    item.setAttribute("aria-labelledby", tab.id);
    strip.append(tab);
  }
  strip.addEventListener("keydown", (event) => {
    const all = [...strip.children];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
    const id = next.id;
    next.click();
    document.getElementById(id)?.focus();
  });
  list.append(strip);
  holder.replaceChildren(list);
  return list;
}

function toggler(list, label, name, target, ends = false) {
  const made = button(`${icon(label)}${text(name)}`, { class: ends ? "plain end" : "plain", "aria-expanded": target.classList.contains("open") }, () => {
    const open = target.classList.toggle("open");
    made.setAttribute("aria-expanded", open);
    if (open) target.querySelector("input, select, button")?.focus();
  });
  if (target.id) made.setAttribute("aria-controls", target.id);
  list.append(made);
}

function openBody(panel, body) {
  for (const other of panel.querySelectorAll(".hd-body")) other.classList.toggle("open", other === body);
  const list = tabs(panel.querySelector(".hd-tabline"), "bodies", panel.dataset.name, bodiesOf(panel), body, (next) => openBody(panel, next));
  const add = panel.querySelector(":scope > .hd-add");
  if (add && !add.hidden) toggler(list, "add", words.addBody, add);
  const compare = document.getElementById("hd-compare");
  if (compare && bodies.querySelectorAll(".hd-body:not([data-removed])").length > 1) {
    toggler(list, "compare", words.compare, compare, true);
  }
  if (body) shown(body);
}

function openPanel(panel) {
  for (const other of bodies.querySelectorAll(".hd-panel")) other.classList.toggle("open", other === panel);
  let holder = bodies.querySelector(":scope > .hd-languages");
  if (!holder) {
    holder = document.createElement("div");
    holder.className = "hd-languages";
    bodies.prepend(holder);
  }
  const list = tabs(holder, "languages", words.addLanguage, panels(), panel, openPanel);
  const add = bodies.querySelector(":scope > .hd-add-language");
  if (add) toggler(list, "translate", words.addLanguage, add, true);
  const all = bodiesOf(panel);
  openBody(panel, all.find((body) => body.classList.contains("open")) ?? all.find((body) => "wrong" in body.dataset) ?? all[0]);
}

// Names of tabs follow the devices that are checked.
bodies.addEventListener("change", (event) => {
  const body = event.target.closest(".hd-body");
  if (!body || !event.target.name.endsWith("-platforms")) return;
  const names = [...body.querySelectorAll("input[name$='-platforms']:checked")].map((box) => box.parentElement.textContent.trim());
  body.dataset.name = names.join(", ") || "?";
  rearrange(REFRESH);
});

function removable(section, box, label, question, after) {
  if (!box || readOnly) return;
  const made = button(`${icon("delete")}${text(label)}`, { class: "hd-button quiet" }, async () => {
    if (!(await ask(format(question, section.dataset.name), words.remove))) return;
    box.checked = true;
    section.setAttribute("data-removed", "");
    form.dispatchEvent(new Event("input"));
    after();
    rearrange(REFRESH);
  });
  return made;
}

function prepare(panel) {
  for (const body of panel.querySelectorAll(".hd-body")) prepareBody(panel, body);
  const box = panel.querySelector(".hd-translation input[name$='-DELETE']");
  const made = removable(panel, box, words.removeLanguage, words.removeLanguageAsk, () => openPanel(panels()[0]));
  if (made) panel.querySelector(".hd-translation").append(made);
}

function prepareBody(panel, body) {
  equip(body, editor.dataset, readOnly);
  const box = body.querySelector("input[name$='-DELETE']");
  const made = removable(body, box, words.removeBody, words.removeBodyAsk, () => openPanel(panel));
  if (made) body.querySelector(".hd-body-foot").append(made);
}

// Asks the server only for the devices and languages that are free now.
const REFRESH = { value: "refresh" };

// What the buttons named _do do on the server, without leaving the page: only what is new is taken from its answer.
async function rearrange(pressed) {
  const data = new FormData(form);
  data.set("_do", pressed.value);
  let page;
  try {
    const answer = await fetch(location.href, { method: "POST", body: data, headers: { "X-CSRFToken": token() } });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("hd-bodies")) throw new Error("no editor");
  } catch {
    await ask(words.failed);
    return;
  }
  let fresh = null;
  for (const name of ["bodies-TOTAL_FORMS", "titles-TOTAL_FORMS"]) {
    form.elements[name].value = page.querySelector(`[name='${name}']`).value;
  }
  for (const panel of page.querySelectorAll(".hd-panel")) {
    const here = document.getElementById(panel.id);
    const live = here && !("removed" in here.dataset) ? here : null;
    if (!live) {
      if ("removed" in panel.dataset) continue;
      if (here) here.replaceWith(document.adoptNode(panel));
      else bodies.querySelector(":scope > .hd-add-language").before(document.adoptNode(panel));
      prepare(panel);
      fresh = panel;
      continue;
    }
    for (const body of panel.querySelectorAll(".hd-body")) {
      if (document.getElementById(body.id)) continue;
      live.querySelector(":scope > .hd-add").before(document.adoptNode(body));
      prepareBody(live, body);
      body.classList.add("fresh");
    }
    live.querySelector(":scope > .hd-add").replaceWith(document.adoptNode(panel.querySelector(":scope > .hd-add")));
    const made = live.querySelector(".hd-body.fresh");
    if (made) {
      made.classList.remove("fresh");
      for (const other of live.querySelectorAll(".hd-body")) other.classList.toggle("open", other === made);
      fresh = live;
    }
  }
  const compare = document.getElementById("hd-compare");
  const wasOpen = compare.classList.contains("open");
  compare.replaceWith(document.adoptNode(page.getElementById("hd-compare")));
  document.getElementById("hd-compare").classList.toggle("open", wasOpen);
  bodies.querySelector(":scope > .hd-add-language").replaceWith(document.adoptNode(page.querySelector(".hd-add-language")));
  if (fresh) {
    openPanel(fresh);
    fresh.querySelector(".hd-body.open textarea")?.focus();
    form.dispatchEvent(new Event("input"));
  } else {
    openPanel(bodies.querySelector(".hd-panel.open") ?? panels()[0]);
  }
}

form.addEventListener("click", (event) => {
  const pressed = event.target.closest("button[name='_do']");
  if (!pressed) return;
  event.preventDefault();
  const add = pressed.closest(".hd-add:not(.hd-add-language)");
  if (add && !add.querySelector("input:checked")) {
    ask(words.choose);
    return;
  }
  rearrange(pressed);
});

// The categories of the chosen service only; the server checks again.
function narrow() {
  const service = document.getElementById("id_service");
  const category = document.getElementById("id_category");
  const all = category.cloneNode(true);
  const fit = (first) => {
    const before = category.value;
    category.replaceChildren();
    for (const child of [...all.cloneNode(true).children]) {
      if (child.tagName === "OPTION") category.append(child);
      else {
        const options = [...child.children].filter((option) => !service.value || option.dataset.service === service.value);
        if (options.length && service.value) category.append(...options);
        else if (options.length) category.append(child);
      }
    }
    category.value = [...category.options].some((option) => option.value === before) ? before : "";
    if (!first && before !== category.value) category.dispatchEvent(new Event("change", { bubbles: true }));
  };
  service.addEventListener("change", () => fit(false));
  category.addEventListener("change", () => {
    const owner = category.selectedOptions[0]?.dataset.service;
    if (owner && !service.value) {
      service.value = owner;
      fit(true);
    }
  });
  fit(true);
}

// Who else has the article open: a sign of life every 20 seconds.
function stayAlive(address) {
  const notice = document.getElementById("hd-alive");
  const tell = (said) => {
    notice.hidden = !said;
    if (notice.lastElementChild.textContent !== said) notice.lastElementChild.textContent = said;
  };
  const beat = async () => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", token());
    try {
      const answer = await fetch(address, { method: "POST", body: data });
      if (!answer.ok) return;
      const { others, revision, saved_by: by } = await answer.json();
      if (String(revision) !== form.elements.base_revision.value && by) tell(format(words.savedBy, by));
      else tell(others.length ? format(words.others, others.join(", ")) : "");
    } catch { /* The next sign of life tells. */ }
  };
  setInterval(beat, 20_000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && beat());
  addEventListener("pagehide", () => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", token());
    data.set("leave", "1");
    navigator.sendBeacon(address, data);
  });
}

// The theme's field for choosing several has no name of its own; it is made when jQuery says that the page is ready.
window.django?.jQuery(() => {
  for (const field of editor.querySelectorAll(".select2-search__field")) {
    field.setAttribute("aria-label", field.closest(".hd-field").querySelector("label").textContent.trim());
  }
});

for (const panel of bodies.querySelectorAll(".hd-panel")) prepare(panel);
openPanel(panels().find((panel) => panel.querySelector("[data-wrong], .hd-error")) ?? panels()[0]);
if (document.querySelector("#hd-comparison table")) document.getElementById("hd-compare").classList.add("open");
if (!readOnly) {
  narrow();
  keepCopies(form, editor);
  if (editor.dataset.alive) stayAlive(editor.dataset.alive);
}
document.querySelector("[data-take]")?.addEventListener("click", async (event) => {
  event.preventDefault();
  if (await ask(words.discardAsk, words.discard)) {
    form.dispatchEvent(new Event("hd-discard"));
    location.assign(event.target.href);
  }
});
document.getElementById("hd-conflict")?.focus();
