/* Drawing: only what changed is replaced, and what was open stays open. */
window.storewiseDraw = (() => {
  "use strict";

  function element(tag, name, text = "") {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.textContent = text;
    return made;
  }

  function patch(list, turns) {
    const kept = new Set(turns.map((turn) => turn.key));
    for (const child of [...list.children]) if (!kept.has(child.dataset.turn)) child.remove();
    turns.forEach((turn, i) => {
      const shown = put(list, turn.key, turn.html);
      if (list.children[i] !== shown) list.insertBefore(shown, list.children[i]); // what is moved loses focus and scroll
    });
  }

  function put(list, key, html) {
    let turn = list.querySelector(`:scope > [data-turn="${CSS.escape(key)}"]`);
    if (!turn) {
      turn = element("article", "turn");
      turn.dataset.turn = key;
      list.append(turn);
    }
    fill(turn, html);
    return turn;
  }

  function fill(box, html) {
    if (box.drawn === html && box.childElementCount) return;
    const opened = new Set([...box.querySelectorAll("details[open]")].map((d) => d.dataset.key));
    const focused = document.activeElement?.closest?.("details")?.dataset.key;
    const hadFocus = focused && box.contains(document.activeElement);
    box.innerHTML = html;
    box.drawn = html;
    for (const details of box.querySelectorAll("details[data-key]")) {
      details.open = opened.has(details.dataset.key);
      if (hadFocus && details.dataset.key === focused) details.querySelector("summary").focus();
    }
    finish(box);
  }

  /* What stands around: left alone where it is as it was, so that focus and open menus stay. */
  function replace(box, html) {
    if (box.drawn === html) return;
    const focused = box.contains(document.activeElement) ? document.activeElement : null;
    const same = focused && (focused.dataset.open ? `[data-open="${CSS.escape(focused.dataset.open)}"]` : `[value="${CSS.escape(focused.value ?? "")}"]`);
    box.innerHTML = html;
    box.drawn = html;
    if (same) box.querySelector(same)?.focus();
  }

  function finish(box) {
    box.querySelectorAll(".answer table").forEach(window.storewiseTables.dress);
    box.querySelectorAll("[data-chart]").forEach((figure) => window.storewiseChart.draw(figure));
    box.querySelectorAll("[data-elapsed]").forEach((clock) => {
      clock.started = performance.now() - 1000 * Number(clock.dataset.elapsed);
    });
    tick();
  }

  /* Seconds since a question was asked, counted on between two words of the server. */
  function tick() {
    document.querySelectorAll("[data-elapsed]").forEach((clock) => {
      const seconds = (performance.now() - clock.started) / 1000;
      clock.textContent = seconds < 1 ? "" : `${Math.floor(seconds)} s`;
    });
  }
  setInterval(tick, 500);

  return { element, patch, put, fill, replace };
})();
