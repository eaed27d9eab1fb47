"""The incident record as far as a report shows it; its schema is held elsewhere.

Everything may be absent: a person in distress fills in what they can.
"""

from __future__ import annotations

import msgspec

from sharewise.report.content import Line, Moment

NO_TIME = "~"
"""Sorts behind every date."""

STAGES = {
    "threat_only": "A threat to publish intimate pictures; nothing is known to be published.",
    "posted": "Intimate pictures were published.",
    "sent_to_people": "Intimate pictures were sent to people.",
    "unsure": "It is not clear whether anything was published.",
}
OTHER_PARTIES = {
    "stranger": "a stranger",
    "partner_or_ex": "a partner or former partner",
    "known_person": "a person who is known",
    "unknown": "not known",
}
PICTURES = {
    "real": "The pictures are real.",
    "altered_or_ai": "The pictures are altered or made with AI.",
    "not_seen": "The pictures were not seen.",
}
EVENTS = {
    "first_contact": "First contact",
    "image_shared": "Picture shared",
    "threat": "Threat",
    "demand": "Demand",
    "payment": "Payment",
    "posted": "Published",
    "sent_to_person": "Sent to a person",
    "account_accessed": "Account accessed",
    "reply_sent": "Reply sent",
    "blocked": "Blocked",
    "reported": "Reported",
    "removed": "Removed",
    "other": "Event",
}
DEMANDS = {
    "money": "Money",
    "more_images": "More pictures",
    "sexual_act": "A sexual act",
    "meet": "To meet",
    "return_to_relationship": "To return to a relationship",
    "silence": "Silence",
    "task_or_crime": "A task or crime",
    "other": "Other",
}


class Situation(msgspec.Struct, frozen=True):
    """What kind of case it is."""

    stage: str = ""
    other_party_kind: str = ""
    immediate_danger: bool = False
    image_kind: str = ""
    country: str = ""


class Party(msgspec.Struct, frozen=True):
    """An account of the other side."""

    account_id: str = ""
    platform: str = ""
    username: str = ""
    display_name: str = ""
    profile_url: str = ""
    numeric_user_id: str = ""
    phone: str = ""
    email: str = ""
    real_name_if_known: str = ""
    relationship: str = ""


class Event(msgspec.Struct, frozen=True):
    """Something that happened."""

    kind: str = "other"
    happened_at: str = ""
    happened_at_precision: str = ""
    summary: str = ""
    exact_words: str = ""
    url: str = ""
    platform: str = ""
    deadline_given: str = ""
    people_named_as_targets: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()


class PaymentMethod(msgspec.Struct, frozen=True):
    """Where money was to go."""

    method: str = ""
    identifier: str = ""
    network_or_bank: str = ""
    account_holder_name: str = ""


class Demand(msgspec.Struct, frozen=True):
    """What is demanded."""

    type: str = "other"
    amount: str = ""
    currency: str = ""
    payment_methods: tuple[PaymentMethod, ...] = ()


class Payment(msgspec.Struct, frozen=True):
    """What was paid."""

    paid_at: str = ""
    amount: str = ""
    currency: str = ""
    method: str = ""
    reference: str = ""


class Location(msgspec.Struct, frozen=True):
    """Where something is or was online."""

    url: str = ""
    status: str = ""


class Made(msgspec.Struct, frozen=True):
    """A report that was made to somebody."""

    to: str = ""
    sent_at: str = ""
    reference_number: str = ""
    officer_or_contact: str = ""


class Incident(msgspec.Struct, frozen=True):
    """The record; fields that a report does not show are not looked at."""

    situation: Situation = Situation()
    other_party: tuple[Party, ...] = ()
    timeline: tuple[Event, ...] = ()
    demands: tuple[Demand, ...] = ()
    payments_made: tuple[Payment, ...] = ()
    locations: tuple[Location, ...] = ()
    reports_made: tuple[Made, ...] = ()


def parse(untrusted: bytes) -> Incident | None:
    """Return the record, or None if these bytes are none."""
    try:
        return msgspec.json.decode(untrusted, type=Incident)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def summary(incident: Incident) -> tuple[Line, ...]:
    """Return what the first page says of it, in the order in which an officer asks."""
    told = (
        ("What", _what(incident.situation)),
        ("Who", [_party(party) for party in incident.other_party]),
        ("Where", _where(incident)),
        ("Demand", [_demand(demand) for demand in incident.demands]),
        ("Paid", [_payment(payment) for payment in incident.payments_made]),
        ("Reported to", [_made(made) for made in incident.reports_made]),
    )
    return tuple(Line(label, "\n".join(lines)) for label, lines in told if any(lines))


def moments(incident: Incident) -> tuple[Moment, ...]:
    """Return its events for the timeline."""
    return tuple(_moment(event) for event in incident.timeline)


def _what(situation: Situation) -> list[str]:
    lines = [STAGES.get(situation.stage, ""), PICTURES.get(situation.image_kind, "")]
    kind = OTHER_PARTIES.get(situation.other_party_kind, "")
    lines += [f"The other side is {kind}." if kind else ""]
    lines += ["There is immediate danger." if situation.immediate_danger else ""]
    lines += [f"Country: {situation.country}" if situation.country else ""]
    return [" ".join(filter(None, lines[:3])), *filter(None, lines[3:])]


def _party(party: Party) -> str:
    name = party.username or party.display_name or party.account_id
    also = party.display_name if party.username and party.display_name else ""
    facts = (
        f"{name}{f' ({also})' if also else ''}",
        f"on {party.platform}" if party.platform else "",
        f"id {party.numeric_user_id}" if party.numeric_user_id else "",
        party.profile_url,
        party.phone,
        party.email,
        f"real name given as {party.real_name_if_known}" if party.real_name_if_known else "",
        party.relationship,
    )
    return ", ".join(filter(None, facts))


def _where(incident: Incident) -> list[str]:
    return [
        f"{place.url} ({place.status.replace('_', ' ')})" if place.status else place.url
        for place in incident.locations
        if place.url
    ]


def _demand(demand: Demand) -> str:
    amount = " ".join(filter(None, (demand.amount, demand.currency)))
    ways = "; ".join(_way(way) for way in demand.payment_methods)
    what = DEMANDS.get(demand.type, "Other")
    return ", ".join(filter(None, (f"{what}: {amount}" if amount else what, ways)))


def _way(way: PaymentMethod) -> str:
    holder = f"in the name of {way.account_holder_name}" if way.account_holder_name else ""
    words = (way.method.replace("_", " "), way.identifier, way.network_or_bank, holder)
    return " ".join(filter(None, words))


def _payment(payment: Payment) -> str:
    amount = " ".join(filter(None, (payment.amount, payment.currency)))
    reference = f"reference {payment.reference}" if payment.reference else ""
    return ", ".join(filter(None, (amount, payment.method, payment.paid_at, reference)))


def _made(made: Made) -> str:
    number = f"reference {made.reference_number}" if made.reference_number else ""
    return ", ".join(filter(None, (made.to, made.sent_at, number, made.officer_or_contact)))


def _moment(event: Event) -> Moment:
    words = (
        event.summary,
        f"“{event.exact_words}”" if event.exact_words else "",
        event.url,
        f"Deadline given: {event.deadline_given}" if event.deadline_given else "",
        _named("Named as targets", event.people_named_as_targets),
        _named("Witnesses", event.witnesses),
    )
    is_dated = event.happened_at[:4].isdigit()
    at = event.happened_at or "not known"
    if event.happened_at_precision == "approximate":
        at = f"about {at}"
    return Moment(
        at,
        event.happened_at if is_dated else NO_TIME,
        EVENTS.get(event.kind, "Event"),
        "  ·  ".join(filter(None, words)),
    )


def _named(label: str, names: tuple[str, ...]) -> str:
    return f"{label}: {', '.join(names)}" if names else ""
