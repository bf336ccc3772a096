from __future__ import annotations

import os
from pathlib import Path

from concurrency_report.memory import TreeMemory, is_available


def process(proc: Path, number: int, pss_kb: int, **children_of_thread: str) -> None:
    folder = proc / str(number)
    for thread, children in (children_of_thread or {f"t{number}": ""}).items():
        (folder / "task" / thread).mkdir(parents=True)
        (folder / "task" / thread / "children").write_text(children)
    (folder / "smaps_rollup").write_text(
        f"55d0-7ffd ---p 00000000 00:00 0    [rollup]\nRss: 999999 kB\nPss:    {pss_kb} kB\n"
        f"Pss_Anon: 5 kB\n"
    )


def test_adds_up_the_tree_and_keeps_the_peak(tmp_path: Path) -> None:
    process(tmp_path, 10, 1000, t10="11 ", t12="13 ")
    process(tmp_path, 11, 200, t11="14 ")
    process(tmp_path, 13, 30)
    process(tmp_path, 14, 4)
    process(tmp_path, 99, 5000)  # somebody else's
    memory = TreeMemory(tmp_path)
    memory.look(10)
    assert memory.peak_kb == 1234
    (tmp_path / "10/task/t10/children").write_text("")
    memory.look(10)
    assert memory.peak_kb == 1234
    (tmp_path / "13/smaps_rollup").write_text("Pss: 700 kB\n")
    memory.look(10)
    assert memory.peak_kb == 1700
    assert memory.looks == 3


def test_processes_that_are_gone_count_nothing(tmp_path: Path) -> None:
    process(tmp_path, 10, 1000, t10="11 12 ")
    (tmp_path / "11").mkdir()  # a zombie has no memory, 12 is gone altogether
    memory = TreeMemory(tmp_path)
    memory.look(10)
    assert memory.peak_kb == 1000
    gone = TreeMemory(tmp_path)
    gone.look(77)
    assert gone.peak_kb is None
    assert gone.looks == 0


def test_a_real_child_adds_to_its_parent(tmp_path: Path) -> None:
    assert is_available()
    assert not is_available(tmp_path)
    process(tmp_path, 1, 1000)
    (tmp_path / "self").symlink_to("1")
    assert is_available(tmp_path)
    (tmp_path / "1/task/t1/children").unlink()
    assert not is_available(tmp_path)
    alone, with_child = TreeMemory(), TreeMemory()
    alone.look(os.getpid())
    megabytes = 30
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        own = bytearray(os.urandom(megabytes << 20))
        os.write(ready[1], own[:1])
        os.read(done[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    with_child.look(os.getpid())
    os.write(done[1], b"x")
    os.waitpid(child, 0)
    for end in (*ready, *done):
        os.close(end)
    assert alone.peak_kb is not None
    assert with_child.peak_kb is not None
    assert with_child.peak_kb > alone.peak_kb + megabytes * 1024 // 2
