/* Charts: Plotly, fetched from our own server with the first of them, in the page's colours. */
window.storewiseChart = (() => {
  "use strict";
  const PALETTE = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];
  const LONGEST_NAME = 16; // letters of a bar's name on a phone
  const drawn = new Set();
  let loading = null;
  let lastColours = "";

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
      ...given, title: given.title && { font: { size: 13 }, ...given.title }, gridcolor: colour("--grid"), linecolor: colour("--line"), zerolinecolor: colour("--line"),
      tickcolor: colour("--line"), automargin: true, fixedrange: true,
      ...(narrow ? { nticks: 4, tickangle: 0 } : {}),
    };
  }

  /* Long names leave no room for bars on a phone: there they are cut, and whole in the table. */
  function cutNames(data) {
    const names = [...new Set(data.filter((trace) => trace.orientation === "h").flatMap((trace) => trace.y))];
    if (!names.some((name) => String(name).length > LONGEST_NAME)) return {};
    const cut = (name) => (String(name).length > LONGEST_NAME ? `${String(name).slice(0, LONGEST_NAME - 1)}…` : name);
    return { tickmode: "array", tickvals: names, ticktext: names.map(cut) };
  }

  function layout(given, data, width) {
    const narrow = width < 480;
    const axes = Object.fromEntries(
      Object.entries({ xaxis: {}, yaxis: {}, ...given }).filter(([key]) => /^[xy]axis/.test(key))
        .map(([key, value]) => [key, axis(value, narrow && key[0] === "x")]),
    );
    if (narrow) Object.assign(axes.yaxis, cutNames(data));
    return {
      ...given, ...axes,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", width: undefined, height: undefined, autosize: true,
      font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("--muted") },
      colorway: PALETTE.map(colour), margin: { l: 8, r: 12, t: given.showlegend === false ? 12 : 44, b: given.xaxis?.title ? 52 : 12, pad: 4, ...given.margin },
      hoverlabel: {
        bgcolor: colour("--card"), bordercolor: colour("--line"),
        font: { family: getComputedStyle(document.body).fontFamily, color: colour("--ink"), size: 13 },
      },
      legend: { ...given.legend, orientation: "h", x: 0, y: 1, yanchor: "bottom", traceorder: "normal" }, bargap: given.bargap ?? 0.3,
    };
  }

  /* A colour for each group: the days so far of a month that isn't over belong to its line. */
  function painted(traces) {
    const groups = [...new Set(traces.map((trace, i) => trace.legendgroup ?? `${i}`))];
    return traces.map((trace, i) => {
      const shade = colour(PALETTE[groups.indexOf(trace.legendgroup ?? `${i}`) % PALETTE.length]);
      return {
        ...trace, marker: { color: shade, ...trace.marker },
        ...(trace.type === "bar" ? {} : { line: { color: shade, width: 2, ...trace.line } }),
      };
    });
  }

  /* Bars that lie need a line each. */
  function heightOf(data) {
    const lying = data.filter((trace) => trace.orientation === "h");
    const lines = new Set(lying.flatMap((trace) => trace.y)).size * (lying.length > 1 ? 1.5 : 1);
    return lines ? `${Math.max(180, 23 * lines + 110)}px` : "";
  }

  async function draw(figure) {
    let spec;
    try {
      spec = JSON.parse(figure.dataset.chart);
      figure.style.height = heightOf(spec.data);
      const library = await plotly();
      await library.react(figure, painted(spec.data), layout(spec.layout ?? {}, spec.data, figure.clientWidth), {
        displayModeBar: false, responsive: true,
      });
      drawn.add(figure);
    } catch {
      figure.hidden = true; // the table has the same figures
    }
  }

  function repaint() {
    const now = document.body ? colour("--ink") + colour("--paper") : "";
    if (now === lastColours) return;
    lastColours = now;
    for (const figure of drawn) {
      if (figure.isConnected) draw(figure);
      else drawn.delete(figure);
    }
  }

  return { draw, repaint };
})();
