"""The customers of an answer by name, for owners: joined by their ids when it is shown, and kept in no receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.principal import Principal
from store.connect import open_store
from store.contacts import Contact, contacts
from store.errors import UserError

SHOWN = 200  # of one answer
CUSTOMER, ID = "customer", "id"  # the column of a receipt, and its unit


def people_of(principal: Principal, answer: Mapping[str, Any]) -> list[Contact]:
    """None for an analyst, and where the answer names no customers or the shop knows only their ids."""
    if principal.role != "owner":
        return []
    ids = _ids(answer)
    try:
        return contacts(open_store(principal.home, principal.store), ids) if ids else []
    except UserError:
        return []  # the answer stands without them


def _ids(answer: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for receipt in answer["receipts"]:
        for i, named in enumerate(zip(receipt["columns"], receipt["units"], strict=True)):
            if named == (CUSTOMER, ID):
                found |= dict.fromkeys(str(row[i]) for row in receipt["rows"] if row[i] is not None)
    return list(found)[:SHOWN]


def contact_text(contact: Contact) -> str:
    return ", ".join(part for part in (contact.name, contact.email, contact.phone) if part)
