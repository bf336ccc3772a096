"""What must hold of every results file, tried on made-up ones: any bytes are read or refused in one
line, what is written reads the same, and merging loses nothing.

tools/properties tries more examples than usual.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from concurrency_report.results import (
    SCHEMA_VERSION,
    Document,
    ResultsError,
    Row,
    error_row,
    merge,
    parse,
    parse_row,
    read,
    write,
)

from . import samples

# Halves of characters included: JSON can escape one without the other.
texts = st.text(st.characters(exclude_categories=()), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**310), 10**310)
    | st.floats()
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
names = st.sampled_from(["io_async/real_time", "cpu_threads", "io_thread_pool/workers:6/real_time"])


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(usual, usual, usual, values)


# What a file of ours has, each part now and then something else.
any_row = st.fixed_dictionaries(
    {},
    optional={
        "name": mostly(names),
        "run_name": mostly(names),
        "label": mostly(st.sampled_from(["", "case 06"])),
        "run_type": mostly(st.sampled_from(["iteration", "aggregate"])),
        "real_time": mostly(st.floats(0, 1e9)),
        "time_unit": mostly(st.sampled_from(["ns", "us", "ms", "s"])),
        "wall_s": mostly(st.floats(0, 1e9)),
        "max_rss_kb": mostly(st.integers(0, 10**9)),
        "error_occurred": mostly(st.booleans()),
        "error_message": mostly(texts),
    },
)
any_context = st.fixed_dictionaries(
    {"schema_version": mostly(st.just(SCHEMA_VERSION))},
    optional={"host_name": values, "usable_cores": values},
)
any_document = st.fixed_dictionaries(
    {
        "context": mostly(any_context),
        "benchmarks": mostly(st.lists(mostly(any_row), max_size=4)),
    }
)

# What bench writes.
figures = st.floats(0, 1e12)
good_row = st.builds(
    lambda name, label, wall_s, rss: samples.row(name, label, wall_s=wall_s, max_rss_kb=rss),
    names,
    st.sampled_from(["", "case 06"]),
    figures,
    figures,
) | st.builds(samples.failed_row, names, st.text(max_size=20))


def parsed(text: str) -> Document | None:
    """None: refused, as it should be done."""
    try:
        return parse(text, "results.json")
    except ResultsError as error:
        require_one_line(error)
        return None


def require_one_line(error: ResultsError) -> None:
    message = str(error)
    assert message.startswith("results.json")
    assert len(message.splitlines()) == 1
    assert message.isprintable()
    assert len(message) < 500


def written(document: dict[str, Any]) -> Document:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        write(document, path)
        return read(path)


@given(st.binary(max_size=200) | any_document.map(lambda document: json.dumps(document).encode()))
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        path.write_bytes(data)
        try:
            read(path)
        except ResultsError as error:
            message = str(error)
            assert message.startswith(f"{path}: ")
            assert len(message.splitlines()) == 1


@given(any_document)
@example({"context": {"schema_version": "1\n2"}, "benchmarks": []})
@example({"context": {"schema_version": ["x" * 1000]}, "benchmarks": []})
@example(samples.document({"name": "a\nb"}))
@example(samples.document({"name": "\x1b[31m"}))
@example(samples.document({"name": "x" * 1000}))
@example(samples.document({"name": "\ud800"}))
@example(samples.document(samples.row("io_async", "\ud800")))
@example(samples.document({**samples.row("io_async"), "time_unit": "x" * 1000, "wall_s": None}))
@example(samples.document({"name": "io_async", "real_time": 1.7e308, "time_unit": "s"}))
def test_any_document_that_is_taken_is_written_and_reads_the_same(document: dict[str, Any]) -> None:
    taken = parsed(json.dumps(document))
    if taken is None:
        return
    rows = [dict(row.raw) for row in taken.rows]
    assert written({"context": dict(taken.context), "benchmarks": rows}) == taken


@given(any_document, st.data())
def test_a_document_that_is_cut_or_changed_is_read_or_refused_in_one_line(
    document: dict[str, Any], data: st.DataObject
) -> None:
    text = json.dumps(document)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    parsed(text[:start] + data.draw(texts) + text[end:])


@given(st.sampled_from("[{"), st.integers(1, 3000))
@settings(max_examples=50)
def test_nesting_that_is_taken_is_written_again(bracket: str, depth: int) -> None:
    inner = "[" * depth + "]" * depth if bracket == "[" else '{"a":' * depth + "1" + "}" * depth
    # Escaped, and both its halves there: what has escapes is looked at more closely.
    context = f'{{"schema_version": "1", "host_name": "\\ud83d\\ude00", "deep": {inner}}}'
    document = samples.document(samples.row("io_async")) | {"context": "?"}
    taken = parsed(json.dumps(document).replace('"?"', context))
    if taken is not None:
        rows = [dict(row.raw) for row in taken.rows]
        assert written({"context": dict(taken.context), "benchmarks": rows}) == taken


@given(st.lists(good_row, min_size=1, max_size=5))
def test_what_bench_writes_is_taken(rows: list[dict[str, Any]]) -> None:
    taken = parse(samples.text(*rows), "results.json")
    assert [row.raw for row in taken.rows] == rows


@given(st.lists(st.tuples(st.integers(0, 9), good_row), min_size=1, max_size=12))
def test_merging_keeps_every_sample_in_order(drawn: list[tuple[int, dict[str, Any]]]) -> None:
    taken = [(index, parse_row(raw, "x")) for index, raw in drawn]
    taken.append((10, error_row("cpu_threads", "killed")))
    order = sorted({row.name for _, row in taken})
    merged = written(merge({"schema_version": SCHEMA_VERSION}, order, taken, 11))

    def facts(index: Any, row: Row) -> tuple[Any, ...]:
        counters = tuple(sorted(row.counters.items()))
        return index, row.name, row.label, row.wall_s, row.error, counters

    kept = [facts(row.raw["repetition_index"], row) for row in merged.rows]
    assert Counter(kept) == Counter(facts(index, row) for index, row in taken)
    places = [(order.index(name), index) for index, name, *_ in kept]
    assert places == sorted(places)
