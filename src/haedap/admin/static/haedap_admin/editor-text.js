// A body being written: its toolbar and keys. Text is put in as typing is, so undo keeps working; nothing is touched
// while an input method composes.

import { Preview } from "./editor-preview.js";
import { linkDialog, takeFiles } from "./editor-insert.js";
import { words } from "./editor-words.js";

const previews = new WeakMap();

// Replace the selection as if it were typed.
export function insert(area, text) {
  area.focus();
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!done) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function replace(area, start, end, text, from, to) {
  area.focus();
  area.setSelectionRange(start, end);
  insert(area, text);
  area.setSelectionRange(start + from, start + to);
}

function wrap(area, mark, placeholder) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const inner = value.slice(start, end);
  const size = mark.length;
  if (value.slice(start - size, start) === mark && value.slice(end, end + size) === mark) {
    replace(area, start - size, end + size, inner, 0, inner.length);
  } else {
    const text = inner || placeholder;
    replace(area, start, end, mark + text + mark, size, size + text.length);
  }
}

// The whole lines that the selection touches.
function lines(area) {
  const { value } = area;
  const start = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const after = value.indexOf("\n", area.selectionEnd);
  const end = after < 0 ? value.length : after;
  return { start, end, text: value.slice(start, end) };
}

function prefix(area, make, strip, placeholder) {
  const { start, end, text } = lines(area);
  const all = (text || placeholder).split("\n");
  const has = all.every((line) => !line || strip.test(line));
  const made = has && text ? all.map((line) => line.replace(strip, "")) : all.map((line, at) => make(at) + line.replace(/^(\d+\. |- |#+ )/, ""));
  const joined = made.join("\n");
  const from = text ? 0 : joined.length - placeholder.length;
  replace(area, start, end, joined, from, joined.length);
}

// A block of its own, blank lines around it, with a part of it selected. Answers where the block ends.
export function block(area, text, from = 0, to = text.length) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const before = value.slice(0, start);
  const after = value.slice(end);
  const head = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const tail = !after ? "\n" : after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  replace(area, start, end, head + text + tail, head.length + from, head.length + to);
  return start + (head + text + tail).length;
}

function callout(area, kind, placeholder) {
  const inner = area.value.slice(area.selectionStart, area.selectionEnd) || placeholder;
  const head = `> [!${kind}]\n`;
  const text = head + inner.split("\n").map((line) => `> ${line}`).join("\n");
  block(area, text, head.length + 2);
}

function details(area) {
  const inner = area.value.slice(area.selectionStart, area.selectionEnd) || words.detailsText;
  const head = "::: details ";
  block(area, `${head}${words.details}\n${inner}\n:::`, head.length, head.length + words.details.length);
}

const TOOLS = {
  bold: (area) => wrap(area, "**", words.bold),
  heading: (area) => prefix(area, () => "## ", /^## /, words.heading),
  list: (area) => prefix(area, () => "- ", /^- /, words.item),
  steps: (area) => prefix(area, (at) => `${at + 1}. `, /^\d+\. /, words.item),
  table: (area) => block(area, words.table, 2, words.table.indexOf("|", 2) - 1),
  note: (area) => callout(area, "NOTE", words.note),
  warning: (area) => callout(area, "WARNING", words.warning),
  details,
};
const KEYS = { b: "bold", k: "link" };

// Give a body its toolbar, its keys and its preview.
export function equip(body, addresses, readOnly) {
  const area = body.querySelector("textarea");
  const kind = body.querySelector("select[name$='-body_format']");
  const bar = document.getElementById("hd-toolbar").content.firstElementChild.cloneNode(true);
  bar.setAttribute("aria-controls", area.id);
  const status = bar.querySelector(".hd-status");
  const tools = {
    ...TOOLS,
    link: (at) => linkDialog(at, addresses.search),
    upload: (at) => pick(at, addresses.upload, status),
  };
  const buttons = [...bar.querySelectorAll("button")];
  buttons.forEach((button, at) => {
    button.tabIndex = at ? -1 : 0;
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => tools[button.dataset.tool](area));
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const usable = buttons.filter((button) => !button.disabled && !button.hidden);
    if (!step || !usable.includes(event.target)) return;
    event.preventDefault();
    const next = usable[(usable.indexOf(event.target) + step + usable.length) % usable.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
  area.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
    const tool = KEYS[event.key.toLowerCase()];
    if (!tool || kind.value !== "markdown") return;
    event.preventDefault();
    tools[tool](area);
  });
  const files = (event, list) => {
    if (!list?.length || kind.value !== "markdown" || readOnly) return;
    event.preventDefault();
    takeFiles(area, [...list], addresses.upload, status);
  };
  area.addEventListener("paste", (event) => files(event, event.clipboardData?.files));
  area.addEventListener("drop", (event) => {
    area.classList.remove("dropping");
    files(event, event.dataTransfer?.files);
  });
  area.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    area.classList.add("dropping");
  });
  area.addEventListener("dragleave", () => area.classList.remove("dropping"));
  const suit = () => {
    for (const button of buttons) button.disabled = readOnly || kind.value !== "markdown";
    buttons.find((button) => button.dataset.tool === "link").hidden = !addresses.search;
    buttons.find((button) => button.dataset.tool === "upload").hidden = !addresses.upload;
  };
  kind.addEventListener("change", suit);
  suit();
  body.querySelector(".hd-text").prepend(bar);
  if (addresses.preview) previews.set(body, new Preview(body, area, kind, addresses.preview));
}

// A body came into view.
export const shown = (body) => previews.get(body)?.show();

function pick(area, address, status) {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.addEventListener("change", () => takeFiles(area, [...input.files], address, status));
  input.click();
}
