/* A file too large is told so before any of it is sent. */
(() => {
  "use strict";

  const guard = (event) => {
    const drop = event.target.closest?.("#drop");
    const files = drop && [...(event.dataTransfer?.files ?? event.target.files ?? [])];
    const limit = Number(document.querySelector("[data-limit]")?.dataset.limit) || Infinity;
    const large = files?.find((file) => file.size > limit);
    if (!files?.length) return;
    const megabytes = Math.round(limit / 1048576);
    document.getElementById("too-large").textContent = large
      ? `${large.name} has ${Math.round(large.size / 1048576)} MB; ${megabytes} MB is the most that this page takes. ` +
        `Import it on the command line: ./storewise import FORMAT ${large.name} --store NAME`
      : "";
    if (!large) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type === "change") event.target.value = "";
  };
  window.addEventListener("change", guard, true);
  window.addEventListener("drop", guard, true);
})();
