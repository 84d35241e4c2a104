"""What the bot says by itself, in the language of whoever asked."""

from __future__ import annotations

from agent.planner.lexer import CJK

_WORDS: dict[str, tuple[str, str]] = {
    "no_store": (
        "This workspace ({team}) has no store here yet. Whoever runs Storewise can give it one: "
        "./storewise slack add-team {team} --store NAME",
        "此工作区（{team}）还没有对应的店铺。请管理员运行：./storewise slack add-team {team} --store NAME",
    ),
    "stranger": (
        "You are of another workspace ({team}) than this app, and it has no such store. Nothing was looked up.",
        "您来自另一个工作区（{team}），没有此店铺的权限。未查询任何数据。",
    ),
    "withdrawn": ("The question was deleted.", "问题已被删除。"),
    "no_receipt": ("This receipt is no longer kept: ask the question again.", "该凭据已不再保存：请重新提问。"),
    "working": ("is looking at the figures…", "正在查看数据…"),
    "in_dm": ("I'm answering in our direct messages.", "我会在私信中回答。"),
    "help": (
        "Ask about your shop, as in: /storewise revenue last month. In channels, mention me; follow-ups in the thread "
        "(“and in France?”, “by month”, “why?”) go on from the answer.",
        "请直接提问，例如：/storewise 上个月的销售额。在频道里请提及我；在同一讨论串中可以继续追问。",
    ),
    "prompts": ("What would you like to know?", "您想了解什么？"),
    "error": ("Something went wrong: {error}", "出错了：{error}"),
}


def lang_of(text: str) -> str:
    return "zh" if CJK.search(text) else "en"


def say(name: str, lang: str, **values: object) -> str:
    return _WORDS[name][lang == "zh"].format(**values)
