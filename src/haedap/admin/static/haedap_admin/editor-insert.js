// What is put into a body from elsewhere: links to other articles, pictures and files.

import { block, insert } from "./editor-text.js";
import { format, token, words } from "./editor-words.js";

// Go back to where the writer was: a dialog takes the place in the text away.
function returning(area) {
  const { selectionStart, selectionEnd } = area;
  return () => {
    area.focus();
    area.setSelectionRange(selectionStart, selectionEnd);
  };
}

const plain = (text) => text.replace(/\s+/g, " ").replace(/([\\[\]])/g, "\\$1").trim();

// Find an article by its title and put a link to it in; the selection becomes its text.
export function linkDialog(area, address) {
  if (!address) return;
  const dialog = document.getElementById("hd-link");
  const query = document.getElementById("hd-link-query");
  const found = document.getElementById("hd-link-found");
  const status = dialog.querySelector("[role='status']");
  const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
  const back = returning(area);
  let picked = null;
  let turn = 0;
  let timer = 0;

  const mark = (item) => {
    for (const other of found.children) other.setAttribute("aria-selected", other === item);
    if (item) query.setAttribute("aria-activedescendant", item.id);
    else query.removeAttribute("aria-activedescendant");
    item?.scrollIntoView({ block: "nearest" });
  };
  const take = (item) => {
    picked = item.dataset;
    dialog.close();
  };
  const show = (articles) => {
    found.replaceChildren(...articles.map((article) => {
      const item = document.createElement("li");
      item.id = `hd-found-${article.id}`;
      item.setAttribute("role", "option");
      item.dataset.id = article.id;
      item.dataset.title = article.title;
      const title = document.createElement("span");
      title.textContent = article.title;
      const about = document.createElement("small");
      about.textContent = [article.service, article.status === "published" ? "" : article.status_name].filter(Boolean).join(" · ");
      item.append(title, about);
      item.addEventListener("click", () => take(item));
      return item;
    }));
    query.setAttribute("aria-expanded", articles.length > 0);
    status.textContent = articles.length ? format(words.foundCount, articles.length) : query.value.trim() ? words.nothingFound : "";
    mark(found.firstElementChild);
  };
  const search = async () => {
    const mine = ++turn;
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(query.value)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const { articles } = await answer.json();
      if (mine === turn) show(articles);
    } catch {
      if (mine === turn) status.textContent = words.failed;
    }
  };
  query.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(search, 150);
  };
  query.onkeydown = (event) => {
    if (event.isComposing) return;
    const all = [...found.children];
    const at = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) {
      event.preventDefault();
      mark(all[(at + step + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (all[at]) take(all[at]);
    }
  };
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  dialog.onclose = () => {
    turn += 1;
    clearTimeout(timer);
    back();
    if (picked) insert(area, `[${plain(chosen || picked.title)}](article:${picked.id})`);
  };
  query.value = chosen;
  show([]);
  dialog.showModal();
  query.select();
  if (chosen) search();
}

// Upload files one after another and put each in.
export async function takeFiles(area, files, address, status) {
  const say = (text, bad = false) => {
    status.textContent = text;
    status.classList.toggle("bad", bad);
  };
  if (!address) {
    say(words.noUpload, true);
    return;
  }
  for (const file of files) {
    say(format(words.uploading, file.name));
    const data = new FormData();
    data.set("file", file);
    let stored;
    try {
      const answer = await fetch(address, { method: "POST", body: data, headers: { "X-CSRFToken": token() } });
      stored = await answer.json();
      if (!answer.ok) throw new Error(stored.error);
    } catch (error) {
      const reason = error instanceof SyntaxError || error instanceof TypeError ? words.failed : error.message;
      say(format(words.uploadFailed, `${file.name}. ${reason}`), true);
      return;
    }
    say("");
    if (stored.image) {
      const text = await alternative(stored.url, area);
      if (!text) continue;
      const end = block(area, `![${plain(text)}](${stored.url})`);
      area.setSelectionRange(end, end);
    } else {
      insert(area, `[${plain(stored.name)}](${stored.url})`);
    }
  }
}

// Ask what a picture shows; null if it is not to be put in.
function alternative(address, area) {
  const dialog = document.getElementById("hd-alt");
  const text = document.getElementById("hd-alt-text");
  dialog.querySelector("img").src = address;
  text.value = "";
  text.setCustomValidity("");
  const back = returning(area);
  let answer = null;
  const accept = () => {
    if (!text.value.trim()) {
      text.setCustomValidity(words.altNeeded);
      text.reportValidity();
      return;
    }
    answer = text.value.trim();
    dialog.close();
  };
  text.oninput = () => text.setCustomValidity("");
  text.onkeydown = (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    accept();
  };
  dialog.querySelector("[data-insert]").onclick = accept;
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  dialog.showModal();
  text.focus();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      back();
      resolve(answer);
    };
  });
}
