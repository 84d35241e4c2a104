"""Gradio's own parts in our colours; the colours themselves stand in static/style.css, for light and for dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.themes import Base

FONTS = (
    *("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Noto Sans CJK SC"),
    *("PingFang SC", "Microsoft YaHei", "sans-serif"),
)
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace")
COLOURS = {
    "body_background_fill": "--paper",
    "body_text_color": "--ink",
    "body_text_color_subdued": "--muted",
    "background_fill_primary": "--card",
    "background_fill_secondary": "--paper",
    "block_background_fill": "--card",
    "block_border_color": "--line",
    "block_label_text_color": "--muted",
    "block_title_text_color": "--ink",
    "block_info_text_color": "--muted",
    "border_color_primary": "--line",
    "border_color_accent": "--accent",
    "color_accent": "--accent",
    "color_accent_soft": "--tint",
    "input_background_fill": "--card",
    "input_border_color": "--line",
    "input_border_color_focus": "--accent",
    "input_placeholder_color": "--muted",
    "button_primary_background_fill": "--accent",
    "button_primary_background_fill_hover": "--accent-strong",
    "button_primary_text_color": "--on-accent",
    "button_secondary_background_fill": "--card",
    "button_secondary_background_fill_hover": "--tint",
    "button_secondary_border_color": "--line",
    "button_secondary_text_color": "--ink",
    "checkbox_background_color": "--card",
    "checkbox_background_color_selected": "--accent",
    "checkbox_border_color": "--muted",
    "checkbox_border_color_selected": "--accent",
    "checkbox_label_background_fill": "--card",
    "checkbox_label_background_fill_hover": "--tint",
    "checkbox_label_background_fill_selected": "--tint",
    "checkbox_label_border_color": "--line",
    "checkbox_label_border_color_selected": "--accent",
    "checkbox_label_text_color": "--ink",
    "checkbox_label_text_color_selected": "--ink",
    "link_text_color": "--accent",
    "link_text_color_hover": "--accent-strong",
    "error_background_fill": "--card",
    "error_border_color": "--alarm",
    "error_text_color": "--alarm",
}


def theme() -> Base:
    import gradio as gr

    base = gr.themes.Base(font=list(FONTS), font_mono=list(MONO), radius_size="md", text_size="md")
    both = {name: f"var({colour})" for name, colour in COLOURS.items()}
    dark = {f"{name}_dark": colour for name, colour in both.items() if hasattr(base, f"{name}_dark")}
    return base.set(**both, **dark, block_shadow="none")
