/* Passkeys: ask the browser for what the page's form names, put its answer into the form, send it. */
(() => {
  "use strict";

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  /* What travels as text is bytes for the browser. Newer browsers do this by themselves; older ones do not. */
  const understood = (options) => {
    const one = { ...options, challenge: toBytes(options.challenge) };
    for (const list of ["allowCredentials", "excludeCredentials"]) {
      if (one[list]) one[list] = one[list].map((known) => ({ ...known, id: toBytes(known.id) }));
    }
    if (one.user) one.user = { ...one.user, id: toBytes(one.user.id) };
    return one;
  };

  const written = (made) => {
    const said = { id: made.id, rawId: toText(made.rawId), type: made.type, response: {} };
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[part]) said.response[part] = toText(made.response[part]);
    }
    said.response.transports = made.response.getTransports?.() || [];
    said.clientExtensionResults = made.getClientExtensionResults();
    said.authenticatorAttachment = made.authenticatorAttachment;
    return said;
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("[data-ask]");
    const says = form.querySelector("[data-says]");
    if (!window.PublicKeyCredential) {
      form.querySelector("[data-cannot]").hidden = false;
      continue;
    }
    button.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      says.hidden = true;
      button.disabled = true;
      try {
        const options = JSON.parse(form.querySelector("script[type='application/json']").textContent);
        const made = await navigator.credentials[form.dataset.passkey]({ publicKey: understood(options.publicKey) });
        form.elements.credential.value = JSON.stringify(written(made));
        form.submit();
      } catch {
        says.textContent = form.dataset.refused;
        says.hidden = false;
      } finally {
        button.disabled = false;
      }
    });
  }
})();
