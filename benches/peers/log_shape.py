"""The shape of the generated decision log: its columns, its segments, its configuration.

The generator, the peers and the comparison all read it from here, so that they cannot disagree
about a name. It must not import anything heavy: every peer pays for it in its own start-up time.
"""

COLUMNS = [
    "case_id",
    "decided_at",
    "score",
    "decision",
    "route",
    "human",
    "kind",
    "region",
    "channel",
    "amount_usd",
    "audited",
    "audit_p",
]

SEGMENTS = {
    "kind": ["refund", "payout", "dispute", "identity", "credit"],
    "region": ["north", "south", "east", "west", "centre", "coast", "island", "abroad"],
    "channel": ["web", "app", "phone", "branch"],
}

ROLES = {
    "id": "case_id",
    "time": "decided_at",
    "score": "score",
    "error": "decision <> human",
    "escalated": "route = 'human'",
    "label_probability": "audit_p",
    "value": "amount_usd",
}


def config_text(roles):
    """The `gonogo.toml` that maps these roles and every segment."""
    lines = ["[columns]"]
    lines += [f'{role} = "{ROLES[role]}"' for role in roles]
    lines += ["", "[segments]"]
    lines += [f'{name} = "{name}"' for name in SEGMENTS]
    return "\n".join(lines) + "\n"
