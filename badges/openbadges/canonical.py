"""From a JSON-LD document to the one text that stands for its meaning: RDFC-1.0 N-Quads.

pyld expands to RDF, Oxigraph canonicalises ("RDF Dataset Canonicalization 1.0", W3C 2024). Around
them stands what the JSON-LD API calls safe mode: whatever would be dropped on the way, and would so
escape the signature, is refused.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import pyoxigraph as ox
from frozendict import frozendict
from pyld.context_resolver import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from badges.openbadges.contexts import KNOWN_CONTEXTS, ContextSet
from badges.openbadges.errors import BadValue, OpenBadgesError, UndefinedTerm
from badges.openbadges.gate import LIMITS, Limits, check_document, is_absolute_iri

# pyld keeps processed contexts in caches that are not made for threads.
one_at_a_time = Lock()
_Scoped = tuple[Any, Any, Any]
_SCOPED: WeakKeyDictionary[ContextSet, dict[tuple[int, int], _Scoped]] = WeakKeyDictionary()
_MOST_SCOPED = 256
# Relative references are resolved against this, so that they can be told and refused; with an empty
# base pyld would quietly put an example address before them.
_RELATIVE = "relative-reference:"
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_LANGUAGE_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


def canonicalise(
    document: Mapping[str, Any],
    *,
    limits: Limits = LIMITS,
    contexts: ContextSet = KNOWN_CONTEXTS,
) -> str:
    """Canonical N-Quads of a document; raises UndefinedTerm, UnknownContext or BadValue."""
    check_document(document, contexts, limits)
    return canonical_nquads(to_quads(document, contexts), limits)


def to_quads(document: Mapping[str, Any], contexts: ContextSet = KNOWN_CONTEXTS) -> list[ox.Quad]:
    """The RDF statements of a document (JSON-LD 1.1 API, "Deserialize JSON-LD to RDF")."""
    options = {
        "base": f"{_RELATIVE}//here/",
        "documentLoader": contexts.load,
        "contextResolver": ContextResolver(contexts.resolved, contexts.load),
        "rdfDirection": "i18n-datatype",
    }
    try:
        with one_at_a_time:
            known = _SCOPED.setdefault(contexts, {})
            dataset = _SafeProcessor(known).to_rdf(document, options)
        return [_quad(one, graph) for graph, quads in dataset.items() for one in quads]
    except JsonLdError as error:
        raise _cause(error) from None
    except RecursionError:
        raise BadValue("too_deep") from None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        # The libraries answer some malformed input with whatever broke first.
        raise BadValue("not_json_ld", str(error)) from None


def canonical_nquads(quads: Iterable[ox.Quad], limits: Limits = LIMITS) -> str:
    """The sorted lines with canonical blank-node labels; raises BadValue beyond the limits."""
    dataset = ox.Dataset(quads)
    if len(dataset) > limits.max_quads:
        raise BadValue("too_many_statements", count=len(dataset))
    _check_blank_nodes(dataset, limits)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    # By code points, as RDFC-1.0 asks; that is also the order of the UTF-8 bytes.
    return "".join(sorted(f"{quad} .\n" for quad in dataset))


class _SafeProcessor(JsonLdProcessor):  # type: ignore[misc]
    """pyld, but it tells what it would have left out, and remembers contexts of types."""

    def __init__(self, scoped: dict[tuple[int, int], _Scoped]) -> None:
        super().__init__(on_property_dropped=_refuse_property)
        self._scoped = scoped

    def expand(self, input_: Any, options: dict[str, Any]) -> Any:
        expanded = super().expand(input_, options)
        _check_expanded(expanded)
        return expanded

    def _process_context(
        self, active: Any, local: Any, options: dict[str, Any], *more: Any, **named: Any
    ) -> Any:
        """Asked with `propagate=False` for the context that a type brings (JSON-LD 1.1, 4.1.8).

        pyld copies the active context for that and so never finds its own earlier answer, which
        takes more than half of the time. An answer depends on these two frozen contexts only.
        """
        lasting = named == {"propagate": False} and isinstance(active, frozendict)
        if more or not lasting:
            return super()._process_context(active, local, options, *more, **named)
        key = id(active), id(local)
        known = self._scoped.get(key)
        # Both are kept with the answer, so neither number can come to mean another context.
        if known is None:
            known = active, local, super()._process_context(active, local, options, **named)
            if len(self._scoped) >= _MOST_SCOPED:
                self._scoped.clear()
            self._scoped[key] = known
        return known[2]


def _refuse_property(name: str | None) -> None:
    raise UndefinedTerm("undefined_property", term=name)


def _check_expanded(value: Any) -> None:
    if isinstance(value, list):
        for one in value:
            _check_expanded(one)
    elif isinstance(value, dict):
        for key, member in value.items():
            if not (key.startswith("@") or _is_absolute(key)):
                raise UndefinedTerm("undefined_property", term=key)
            if key == "@type":
                _check_types(member)
            elif key == "@id":
                if not _is_absolute(member):
                    raise BadValue("not_absolute_iri", value=member)
            elif key != "@value":
                _check_expanded(member)


def _check_types(types: Any) -> None:
    for one in types if isinstance(types, list) else [types]:
        if one != "@json" and not _is_absolute(one):
            term = str(one).removeprefix(f"{_RELATIVE}//here/")
            raise UndefinedTerm("undefined_type", term=term)


def _is_absolute(iri: Any) -> bool:
    return is_absolute_iri(iri) and not iri.startswith(_RELATIVE)


def _cause(error: JsonLdError) -> OpenBadgesError:
    """Our own error when one of ours lies beneath, else a general one."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OpenBadgesError):
            return inner
        inner = inner.__cause__
    return BadValue("not_json_ld", str(error.args[0]) if error.args else "", reason=error.code)


def _quad(one: Mapping[str, Any], graph: str) -> ox.Quad:
    name = ox.DefaultGraph() if graph == "@default" else _node(graph)
    predicate = ox.NamedNode(one["predicate"]["value"])
    return ox.Quad(_node(one["subject"]["value"]), predicate, _object(one["object"]), name)


def _node(name: str) -> ox.NamedNode | ox.BlankNode:
    if name.startswith("_:"):
        return ox.BlankNode(name[2:])
    return ox.NamedNode(name)


def _object(term: Mapping[str, Any]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if term["type"] != "literal":
        return _node(term["value"])
    if term["datatype"] == _LANGUAGE_STRING:
        return ox.Literal(term["value"], language=term["language"])
    if term["datatype"] == _XSD_STRING:
        return ox.Literal(term["value"])
    return ox.Literal(term["value"], datatype=ox.NamedNode(term["datatype"]))


def _check_blank_nodes(dataset: ox.Dataset, limits: Limits) -> None:
    """Refuses graphs that could keep canonicalisation busy for ever ("poison graphs").

    Blank nodes with the same first-degree hash (RDFC-1.0, 4.6) are told apart by trying orders,
    and the number of orders grows as the factorial.
    """
    touching: dict[str, list[ox.Quad]] = {}
    for quad in dataset:
        for term in {quad.subject, quad.object, quad.graph_name}:
            if isinstance(term, ox.BlankNode):
                touching.setdefault(term.value, []).append(quad)
    if len(touching) > limits.max_blank_nodes:
        raise BadValue("too_many_blank_nodes", count=len(touching))
    alike = Counter(_first_degree_hash(name, quads) for name, quads in touching.items())
    if alike and max(alike.values()) > limits.max_alike:
        raise BadValue("too_many_alike", count=max(alike.values()))


def _first_degree_hash(name: str, quads: list[ox.Quad]) -> bytes:
    def seen(term: Any) -> str:
        if isinstance(term, ox.BlankNode):
            return "_:a" if term.value == name else "_:z"
        return str(term)

    lines = sorted(
        " ".join(map(seen, (quad.subject, quad.predicate, quad.object, quad.graph_name)))
        for quad in quads
    )
    return sha256("\n".join(lines).encode()).digest()
