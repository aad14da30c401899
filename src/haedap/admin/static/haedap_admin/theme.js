// What the theme leaves to the mouse or without a name, on every page of the admin.
{
  // The opener of the filters is a link that leads nowhere, which Tab passes by.
  const openers = () => {
    for (const opener of document.querySelectorAll("a:not([href])[x-on\\:click*='filterOpen']")) {
      opener.tabIndex = 0;
      opener.setAttribute("role", "button");
      opener.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        opener.click();
      });
    }
  };

  // A box that searches while one types says nothing of what it is for; it is made at any time after the page.
  const boxes = () => {
    for (const field of document.querySelectorAll("select.select2-hidden-accessible[id]")) {
      const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
      for (const part of field.nextElementSibling?.querySelectorAll("[role]:not([role=presentation])") ?? []) {
        if (label && !part.hasAttribute("aria-label")) part.setAttribute("aria-label", label.textContent.replace("*", "").trim());
      }
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    openers();
    new MutationObserver(boxes).observe(document.body, { childList: true, subtree: true });
  });
}
