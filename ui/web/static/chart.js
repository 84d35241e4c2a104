/* Charts: Plotly, fetched from our own server with the first of them, in the page's colours. */
window.storewiseChart = (() => {
  "use strict";
  const PALETTE = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];
  const drawn = new Set();
  let loading = null;
  let painted = "";

  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

  function plotly() {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = "own/plotly.js";
      script.onload = () => done(window.Plotly);
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  }

  function axis(given, narrow) {
    return {
      ...given, gridcolor: colour("--grid"), linecolor: colour("--line"), zerolinecolor: colour("--line"),
      tickcolor: colour("--line"), automargin: true, fixedrange: true,
      ...(narrow ? { nticks: 5 } : {}),
    };
  }

  function layout(given, width) {
    const narrow = width < 480;
    const axes = Object.fromEntries(
      Object.entries(given).filter(([key]) => /^[xy]axis/.test(key)).map(([key, value]) => [key, axis(value, narrow && key[0] === "x")]),
    );
    return {
      ...given, xaxis: axis({}, narrow), yaxis: axis({}, false), ...axes,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", width: undefined, autosize: true,
      font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("--muted") },
      colorway: PALETTE.map(colour), margin: { l: 8, r: 12, t: given.title ? 40 : 12, b: 8, pad: 4, ...given.margin },
      hoverlabel: {
        bgcolor: colour("--card"), bordercolor: colour("--line"),
        font: { family: getComputedStyle(document.body).fontFamily, color: colour("--ink"), size: 13 },
      },
      legend: { orientation: "h", y: -0.18, x: 0, ...given.legend }, bargap: given.bargap ?? 0.3,
    };
  }

  async function draw(figure) {
    let spec;
    try {
      spec = JSON.parse(figure.dataset.chart);
      const library = await plotly();
      await library.react(figure, spec.data, layout(spec.layout ?? {}, figure.clientWidth), {
        displayModeBar: false, responsive: true,
      });
      drawn.add(figure);
    } catch {
      figure.hidden = true; // the table has the same figures
    }
  }

  function repaint() {
    const now = document.body ? colour("--ink") + colour("--paper") : "";
    if (now === painted) return;
    painted = now;
    for (const figure of drawn) {
      if (figure.isConnected) draw(figure);
      else drawn.delete(figure);
    }
  }

  return { draw, repaint };
})();
