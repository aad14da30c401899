// What the scripts of the editor say, and a question in a dialog.

export const words = JSON.parse(document.getElementById("hd-words").textContent);

export const format = (text, value) => text.replace("%s", () => value);

export const token = () => document.querySelector("[name='csrfmiddlewaretoken']").value;

// A question with a button to agree; without a name for it, something to know. Answers whether it was agreed to.
export function ask(question, yes = "") {
  const dialog = document.getElementById("hd-ask");
  dialog.querySelector("p").textContent = question;
  const agree = dialog.querySelector("[data-yes]");
  agree.textContent = yes;
  agree.hidden = !yes;
  dialog.returnValue = "";
  agree.onclick = () => dialog.close("yes");
  dialog.querySelector("[data-close]").onclick = () => dialog.close("");
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
