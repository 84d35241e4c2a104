/* Light and dark: the system's, unless chosen. */
window.storewiseColours = (() => {
  "use strict";
  const KEY = "storewise-colours";
  const system = matchMedia("(prefers-color-scheme: dark)");
  let choice = "system"; // also where the browser keeps nothing
  try { choice = localStorage.getItem(KEY) ?? choice; } catch { /* private windows may refuse */ }

  const chosen = () => choice;

  function choose(colours) {
    choice = colours;
    try { localStorage.setItem(KEY, colours); } catch { /* then for this page only */ }
    paint();
  }

  function paint() {
    const dark = choice === "system" ? system.matches : choice === "dark";
    document.documentElement.classList.toggle("storewise-dark", dark);
    if (document.body && document.body.classList.contains("dark") !== dark) document.body.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    window.storewiseChart?.repaint();
  }

  system.addEventListener("change", paint);
  paint();
  return { chosen, choose, paint };
})();
