"""The policy under test, as the gateway reads it: what the role may see of the worlds. `schema.sql` marks
what is forbidden, `permitted.sql` has the rows that are not."""
import worlds
from support import gateway as gateways
from support import machine, scram

import wire

# role -> the user of the gateway that has it. The guest may see what the analyst may, by its claims.
# The masker may see what the analyst may, and the columns that are forbidden to the others: masked.
USERS = {"analyst": "ada", "curator": "carl", "guest": "gus", "masker": "mia"}

NAMESPACES = ["checkout", "search"]
WINDOW = {"from": "2025-03-01T00:00:00Z", "to": "2025-06-01T00:00:00Z"}

COLUMNS = {
    "public.namespaces": ["namespace", "owner"],
    "public.traces": ["trace_id", "namespace", "started_at", "service", "model", "status", "title",
                      "external_ref", "parent_id", "input_tokens", "cost_usd", "score", "labels", "tags",
                      "raw", "pattern", "payload", "note"],
    "public.trace_events": ["trace_id", "step", "kind", "content", "created_at"],
    "public.feedback": ["trace_id", "score", "comment", "mood"],
    'public."Prompt Templates"': ['"Template Id"', '"Name Space"', '"Body Text"'],
}
PARTITIONS = ["public.measurements_2025_q1", "public.measurements_2025_q2", "public.measurements_rest"]
WHOLE = ["public.models", "public.measurements", *PARTITIONS, "public.documents", "public.contracts",
         "public.reservations", "public.open_traces"]
CLAIMS = {"namespaces": NAMESPACES, "window": [f"{WINDOW['from']}/{WINDOW['to']}"]}


def _own(column, time=None):
    scope = {"namespace": {"column": column, "in": NAMESPACES}}
    return scope | ({"time": {"column": time} | WINDOW} if time else {})


def _claimed(scope):
    """The same scope by the session's claims."""
    parts = {}
    if "namespace" in scope:
        parts["namespace"] = {"column": scope["namespace"]["column"], "claim": "namespaces"}
    if "time" in scope:
        parts["time"] = {"column": scope["time"]["column"], "claim": "window"}
    return scope | parts


def _through():
    return {"through": {"column": "trace_id", "table": "public.traces", "key": "trace_id"}}


SCOPES = {
    "public.namespaces": _own("namespace"),
    "public.traces": _own("namespace", "started_at"),
    "public.trace_events": _through(),
    "public.feedback": _through(),
    "public.measurements": _own("namespace", "at"),
    "public.documents": _own("namespace", "created_at"),
    "public.contracts": _own("namespace", "created_at"),
    'public."Prompt Templates"': _own('"Name Space"'),
    "public.reservations": _own("namespace"),
    "public.open_traces": _own("namespace", "started_at"),
} | {name: _own("namespace", "at") for name in PARTITIONS}

# The same in SQL, over the row: what makes a row permitted, without the gateway.
_NAMESPACE = "namespace in ('checkout', 'search')"
_TIME = "{0} >= '2025-03-01 00:00+00' and {0} < '2025-06-01 00:00+00'"
_TRACE = f"trace_id in (select trace_id from traces where {_NAMESPACE} and {_TIME.format('started_at')})"
PERMITTED = {
    "public.models": "true",
    "public.namespaces": _NAMESPACE,
    "public.traces": f"{_NAMESPACE} and {_TIME.format('started_at')}",
    "public.trace_events": _TRACE,
    "public.feedback": _TRACE,
    "public.measurements": f"{_NAMESPACE} and {_TIME.format('at')}",
    "public.documents": f"{_NAMESPACE} and {_TIME.format('created_at')}",
    "public.contracts": f"{_NAMESPACE} and {_TIME.format('created_at')}",
    'public."Prompt Templates"': _NAMESPACE.replace("namespace", '"Name Space"'),
    "public.reservations": _NAMESPACE,
    "public.open_traces": f"{_NAMESPACE} and {_TIME.format('started_at')}",
}

# What the masker sees of the forbidden columns: the same in every row, whatever they hold.
MASKS = {
    "public.namespaces": {"budget": {"method": "redact"}},
    "public.traces": {"prompt": {"method": "redact", "value": "[prompt]"}, "user_email": {"method": "redact"},
                      "risk": {"method": "redact", "value": "5"}},
    "public.trace_events": {"arguments": {"method": "redact", "value": "{}"}},
    "public.feedback": {"feedback_id": {"method": "redact"}, "reviewer": {"method": "redact", "value": "someone"}},
    "public.open_traces": {"trace_id": "none"},  # it shows no masked column of traces
    'public."Prompt Templates"': {'"Secret Note"': {"method": "redact", "value": "-"}},
}

READ = ["select", "copy_out"]
WRITE = ["select", "copy_out", "insert", "update", "copy_in"]


def _role(name, operations, more=(), scopes=None):
    allow = [{"operations": operations, "tables": [table], "columns": columns}
             for table, columns in COLUMNS.items()]
    allow += [{"operations": operations, "tables": WHOLE}, *more]
    return {"upstreams": [worlds.DATABASE], "store_user": name, "store_password_file": "password",
            "allow": allow, "scope": {f"'{table}'": scope for table, scope in (scopes or SCOPES).items()}}


def _masker():
    """The columns of all rules together, in the order of `COLUMNS` and `MASKS`."""
    role = _role("analyst", READ, [{"operations": READ, "tables": [table], "columns": list(masks)}
                                   for table, masks in MASKS.items()])
    return role | {"mask_columns": {f"'{table}'": {_key(column): mask for column, mask in masks.items()}
                                    for table, masks in MASKS.items()}}


def _key(column):
    return f"'{column}'" if '"' in column else column


def roles():
    deletes = {"operations": ["delete"], "tables": [*COLUMNS, *WHOLE]}
    claimed = {table: _claimed(scope) for table, scope in SCOPES.items()}
    users = {user: {"role": role, "verifier": scram.verifier(worlds.PASSWORD)} for role, user in USERS.items()}
    users[USERS["guest"]]["claims"] = CLAIMS
    return {"role": {"analyst": _role("analyst", READ), "curator": _role("curator", WRITE, [deletes]),
                     "guest": _role("analyst", READ, scopes=claimed), "masker": _masker()},
            "user": users}


class ScopedGateway(gateways.Gateway):
    """A gateway before one world. `connect(role)` as World.connect."""

    def __init__(self, directory, world, authority):
        directory.mkdir()
        machine.give(directory, 0o755)
        policies = directory / "policies"
        policies.mkdir()
        machine.give(policies, 0o755)
        super().__init__(directory, policies)
        machine.write(policies / "password", worlds.PASSWORD)
        gateway = {
            "gateway": {"workers": 1, "log_level": "warn"},
            "journal": {"directory": str(directory / "journal")},
            "listener": [{"address": "127.0.0.1:0", "tls": "off"}],
            "upstream": {worlds.DATABASE: {
                "hosts": [f"127.0.0.1:{world.port}"], "tls": "verify-full",
                "ca_file": str(authority.certificate), "search_path": ["public"],
                "catalog_user": "tracegate_catalog", "catalog_password_file": "password"}},
        }
        self.write_policies(gateway=gateway, roles=roles())

    def connect(self, role):
        return wire.connect("127.0.0.1", self.port, USERS[role], worlds.PASSWORD, worlds.DATABASE,
                            timeout=worlds.ANSWER_SECONDS)
