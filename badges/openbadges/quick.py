"""Canonical N-Quads of everyday badges, several times faster than the reference pipeline.

Almost all the time of a verification goes into expanding JSON-LD, and almost all of that into
working out contexts anew for each node. Here pyld works out each context once; the terms it found
are kept as plain tables, and a document that uses nothing but plain terms is walked through them.

The answer is `None` whenever anything is not on the short list below; then the reference pipeline
(`canonical.canonicalise`) decides. A text that is given is the very text that the reference gives.

On the list: pinned contexts; members that are terms of the active context and no keyword but `id`
and `type`; containers none or @set; coercion none, @id, @vocab, or a datatype other than
xsd:double; strings, true, false, whole numbers, nodes with at least one member, and lists of these;
types that are terms; absolute IRIs whose scheme is no term; blank nodes that already differ in
their first-degree hash, so that no order has to be tried (RDFC-1.0, 4.4.3).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pyld.context_resolver import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from badges.openbadges.canonical import one_at_a_time
from badges.openbadges.contexts import KNOWN_CONTEXTS, ContextSet
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.gate import LIMITS, Limits, check_document, is_absolute_iri

_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_OUR_MEMBERS = {"@id": "id", "@type": "type"}
# Documents choose which contexts meet; what is remembered of that stays small.
_MOST_PLANS, _MOST_STATES = 64, 2_000


class _Unsure(Exception):
    """Something that is not on the list."""


class _Term:
    """What a member means in one active context: the predicate, and how its scalars are read."""

    __slots__ = ("coercion", "inner", "predicate")

    def __init__(self, predicate: str, coercion: str, inner: "_State") -> None:
        self.predicate = predicate
        self.coercion = coercion  # "", "@id", "@vocab" or the IRI of a datatype
        self.inner = inner  # the context that the values are read in


class _State:
    """One active context of pyld, with what was asked of it so far."""

    def __init__(self, plan: "_Plan", context: Mapping[str, Any]) -> None:
        self.plan = plan
        self.context = context
        self.mappings: Mapping[str, Any] = context["mappings"]
        self.terms: dict[str, _Term] = {}
        self.types: dict[str, tuple[str, bool]] = {}
        self.entered: dict[Any, tuple[_State, _State]] = {}
        plan.count_state()
        aliases = {name: one["@id"] for name, one in self.mappings.items() if one}
        keywords = {name: iri for name, iri in aliases.items() if str(iri).startswith("@")}
        if keywords != {"id": "@id", "type": "@type"}:
            raise _Unsure
        if {"@language", "@direction", "@vocab", "@base"} & set(context):
            raise _Unsure

    def term(self, name: str) -> _Term:
        found = self.terms.get(name)
        if found is None:
            found = self.terms[name] = self._term(name)
        return found

    def _term(self, name: str) -> _Term:
        entry = self.mappings.get(name)
        if not entry or entry.get("reverse") or not is_absolute_iri(entry["@id"]):
            raise _Unsure
        if {"@language", "@direction", "@index", "@nest"} & set(entry):
            raise _Unsure
        if not set(JsonLdProcessor.arrayify(entry.get("@container", []))) <= {"@set"}:
            raise _Unsure
        inner = self
        if entry.get("@context") is not None:
            inner = self.plan.derived(self, entry["@context"], propagate=True, override=True)
        # The reference reads the coercion where the values are read.
        coercion = (inner.mappings.get(name) or {}).get("@type") or ""
        if coercion in {"@none", "@json", f"{_XSD}double"}:
            raise _Unsure
        if coercion not in {"", "@id", "@vocab"} and not is_absolute_iri(coercion):
            raise _Unsure
        return _Term(f"<{entry['@id']}>", coercion, inner)

    def type(self, name: object) -> tuple[str, bool]:
        """The IRI of a type as written in N-Quads, and whether it brings a context."""
        if not isinstance(name, str):
            raise _Unsure
        found = self.types.get(name)
        if found is None:
            entry = self.mappings.get(name)
            if not entry or not is_absolute_iri(entry["@id"]):
                raise _Unsure
            has_context = entry.get("@context") not in (None, False)
            found = self.types[name] = (f"<{entry['@id']}>", has_context)
        return found

    def iri(self, text: object) -> str:
        """An absolute IRI that no prefix could change."""
        if not is_absolute_iri(text) or not isinstance(text, str):
            raise _Unsure
        scheme = text.partition(":")[0]
        if scheme in self.mappings or scheme == "relative-reference":
            raise _Unsure
        return f"<{text}>"

    def enter(
        self, member: str | None, types: tuple[str, ...], *, only_id: bool
    ) -> tuple["_State", "_State"]:
        """The contexts in which a node's members and its types are read.

        As pyld: leave a type-scoped context, unless the node is a mere reference; add the context
        of the member; then those of the types, which do not reach further nodes.
        """
        key = (member, types, only_id)
        found = self.entered.get(key)
        if found is None:
            found = self.entered[key] = self._enter(member, types, only_id)
        return found

    def _enter(
        self, member: str | None, types: tuple[str, ...], only_id: bool
    ) -> tuple["_State", "_State"]:
        state = self
        before = self.context.get("previousContext")
        if before is not None and not only_id:
            state = self.plan.state(before)
        scoped = (self.mappings.get(member) or {}).get("@context") if member else None
        if scoped is not None:
            state = self.plan.derived(state, scoped, propagate=True, override=True)
        for_types = state
        for one in types:
            local = for_types.mappings[one]["@context"]
            state = self.plan.derived(state, local, propagate=False, override=False)
        return state, for_types


class _Plan:
    """All active contexts that were met under one list of contexts."""

    def __init__(self, urls: tuple[str, ...], contexts: ContextSet) -> None:
        self.processor = JsonLdProcessor()
        self.options = {
            "base": "",
            "documentLoader": contexts.load,
            "contextResolver": ContextResolver(contexts.resolved, contexts.load),
            "processingMode": "json-ld-1.1",
            "isFrame": False,
        }
        self.states: dict[int, _State] = {}
        self.count = 0
        initial = self.processor._get_initial_context(self.options)
        self.root = self.state(self._process(initial, list(urls), True, False))

    def count_state(self) -> None:
        self.count += 1
        if self.count > _MOST_STATES:
            raise _Unsure

    def state(self, context: Mapping[str, Any]) -> _State:
        """Contexts live as long as their state, so that an address means one context only."""
        found = self.states.get(id(context))
        if found is None:
            found = self.states[id(context)] = _State(self, context)
        return found

    def derived(self, state: _State, local: Any, *, propagate: bool, override: bool) -> _State:
        return self.state(self._process(state.context, local, propagate, override))

    def _process(
        self, context: Mapping[str, Any], local: Any, propagate: bool, override: bool
    ) -> Mapping[str, Any]:
        try:
            with one_at_a_time:
                found: Mapping[str, Any] = self.processor._process_context(
                    context,
                    local,
                    self.options,
                    propagate=propagate,
                    override_protected=override,
                )
        except (JsonLdError, RecursionError):
            raise _Unsure from None
        return found


class _Statements:
    """Lines of one document; blank nodes are numbered and named later."""

    def __init__(self) -> None:
        self.lines: list[tuple[str | int, str, str | int]] = []
        self.blank = 0

    def node(self, node: Mapping[str, Any], member: str | None, state: _State) -> str | int:
        """Adds what is said of a node; its IRI, or the number of a blank node."""
        types = node.get("type", ())
        names = [types] if isinstance(types, str) else types
        only_id = len(node) == 1 and "id" in node
        if not node or not isinstance(names, list | tuple):
            raise _Unsure
        scoping = self._scoping(names, member, state, only_id)
        inner, for_types = state.enter(member, scoping, only_id=only_id)
        subject: str | int
        if "id" in node:
            subject = inner.iri(node["id"])
        else:
            self.blank += 1
            subject = self.blank
        for name in names:
            self.lines.append((subject, _RDF_TYPE, for_types.type(name)[0]))
        skipped = ("id", "type") if member else ("id", "type", "@context")
        for name, value in node.items():
            if name not in skipped:
                self._member(subject, name, value, inner)
        return subject

    def _scoping(
        self, names: Any, member: str | None, state: _State, only_id: bool
    ) -> tuple[str, ...]:
        """The types that bring a context, in the order in which they are applied."""
        if not names:
            return ()
        _inner, for_types = state.enter(member, (), only_id=only_id)
        return tuple(sorted(name for name in names if for_types.type(name)[1]))

    def _member(self, subject: str | int, name: str, value: Any, state: _State) -> None:
        term = state.term(name)
        for one in value if isinstance(value, list) else (value,):
            found = (
                self.node(one, name, term.inner) if isinstance(one, dict) else _scalar(one, term)
            )
            self.lines.append((subject, term.predicate, found))


def _scalar(value: Any, term: _Term) -> str:
    coercion = term.coercion
    if isinstance(value, str):
        if coercion == "@id":
            return term.inner.iri(value)
        if coercion == "@vocab":
            return term.inner.type(value)[0]
        literal = f'"{value.translate(_ESCAPES)}"'
        return f"{literal}^^<{coercion}>" if coercion else literal
    if coercion.startswith("@"):
        raise _Unsure
    if isinstance(value, bool):
        return f'"{str(value).lower()}"^^<{coercion or _XSD + "boolean"}>'
    if isinstance(value, int):
        return f'"{value}"^^<{coercion or _XSD + "integer"}>'
    raise _Unsure


_plans: dict[tuple[int, tuple[str, ...]], _Plan] = {}


def _plan(urls: tuple[str, ...], contexts: ContextSet) -> _Plan:
    key = (id(contexts), urls)
    found = _plans.get(key)
    if found is None:
        if len(_plans) >= _MOST_PLANS:
            raise _Unsure
        found = _plans[key] = _Plan(urls, contexts)
    return found


def quick_canonicalise(document: Mapping[str, Any], limits: Limits = LIMITS) -> str | None:
    """What `canonicalise` would give under the pinned contexts, or None when it has to be asked."""
    try:
        check_document(document, KNOWN_CONTEXTS, limits)
        plan = _plan(tuple(document["@context"]), KNOWN_CONTEXTS)
        found = _Statements()
        found.node(document, None, plan.root)
        return _named(found, limits)
    except (_Unsure, OpenBadgesError, RecursionError):
        return None


def _named(found: _Statements, limits: Limits) -> str:
    """The sorted lines with canonical names of blank nodes (RDFC-1.0, 4.4.3)."""
    lines = set(found.lines)
    if found.blank > limits.max_blank_nodes or len(lines) > limits.max_quads:
        raise _Unsure
    names = _names(lines) if found.blank else {}
    return "".join(
        sorted(
            f"{names.get(subject, subject)} {predicate} {names.get(value, value)} .\n"
            for subject, predicate, value in lines
        )
    )


def _names(lines: set[tuple[str | int, str, str | int]]) -> dict[str | int, str]:
    touching: dict[int, list[str]] = {}
    for subject, predicate, value in lines:
        for blank in {one for one in (subject, value) if isinstance(one, int)}:
            first = _seen(subject, blank)
            touching.setdefault(blank, []).append(f"{first} {predicate} {_seen(value, blank)} .\n")
    hashes = {
        sha256("".join(sorted(one)).encode()).hexdigest(): blank for blank, one in touching.items()
    }
    if len(hashes) != len(touching):
        raise _Unsure
    return {hashes[one]: f"_:c14n{number}" for number, one in enumerate(sorted(hashes))}


def _seen(term: str | int, blank: int) -> str:
    if isinstance(term, str):
        return term
    return "_:a" if term == blank else "_:z"
