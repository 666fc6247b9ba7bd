/* Small help on top of pages that work without it: where the focus goes after a swap, a word when the connection is lost,
   keys for the worklist, menus that close. No page needs this file. */
(() => {
  "use strict";

  const find = (root, query) => (root.matches?.(query) ? root : root.querySelector?.(query));

  /* After a swap the focus goes to what asks for it, else to the errors, else stays with the same id, else to the heading. */
  let focused = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    focused = event.detail.target?.contains(document.activeElement) ? document.activeElement.id || "?" : "";
    // A whole page where a fragment was expected (a refusal, an expired session): show the page's own content.
    if (/^\s*<!doctype/i.test(event.detail.serverResponse || "") && event.detail.shouldSwap) {
      event.detail.target = document.getElementById("main");
      event.detail.swapOverride = "outerHTML";
      event.detail.selectOverride = "#main";
      focused = "?";
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!focused) return;
    const root = event.detail.elt?.isConnected ? event.detail.elt : document.getElementById("main");
    const same = focused !== "?" && document.getElementById(focused);
    const goal = find(root, "[autofocus]") || find(root, ".errors") || same || find(root, "h1[tabindex], h2[tabindex], h3[tabindex]") ||
      find(root, "h1, h2");
    focused = "";
    if (!goal || goal === document.activeElement) return;
    if (!goal.hasAttribute("tabindex") && /^H\d$/.test(goal.tagName)) goal.tabIndex = -1;
    goal.focus();
  });

  /* A request that never arrived must not look saved. */
  const lost = (event) => {
    const words = document.body.dataset.lost;
    const form = event.detail.elt?.closest?.("form");
    if (!words || !form || form.querySelector(".lost")) return;
    const note = document.createElement("p");
    note.className = "note note--stop lost";
    note.setAttribute("role", "alert");
    note.textContent = words;
    form.append(note);
  };
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.elt?.closest?.("form")?.querySelector(".lost")?.remove();
  });

  /* Worklist keys: only while the focus is inside the list and not in a text field; the checkbox #keys-on switches them off. */
  const OFF = "keys-off";
  const store = { get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private windows refuse; the keys stay on */ } } };
  const typing = (element) => element.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");
  const step = (list, card, by) => {
    const cards = [...list.querySelectorAll(".card")];
    const next = cards[card ? cards.indexOf(card) + by : 0];
    const heading = next?.querySelector("h2, h3");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const list = event.target.closest?.("[data-keys]");
    if (!list || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || store.get(OFF)) return;
    const card = event.target.closest(".card");
    const key = event.key.toLowerCase();
    const button = card && /^[1-4eu]$/.test(key) && card.querySelector(`[data-key="${key}"]`);
    const help = document.getElementById("keys-help");
    if (key === "j") step(list, card, 1);
    else if (key === "k") step(list, card, -1);
    else if (event.key === "?" && help) { help.open = true; help.querySelector("summary").focus(); }
    else if (button) { button.focus(); button.click(); }
    else return;
    event.preventDefault();
  });
  const keysOn = () => {
    const box = document.getElementById("keys-on");
    if (box) box.checked = !store.get(OFF);
  };
  document.addEventListener("change", (event) => {
    if (event.target.id === "keys-on") store.set(OFF, event.target.checked ? "" : "1");
  });
  keysOn();

  /* A menu closes with Escape, giving the focus back, and when one looks elsewhere. */
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  /* Without scripts the browser focuses [autofocus] itself; a summary of errors at the top is also scrolled to. */
  document.querySelector(".errors")?.focus();
})();
