"""What Python and a running loop tell each other."""

from ctypes import c_int64

from pellucid.passes.flags import Flags


def test_a_loop_reads_and_writes_at_the_addresses():
    flags = Flags()
    stop, done = c_int64.from_address(flags.stop_at), c_int64.from_address(flags.done_at)
    assert (flags.stop, stop.value, flags.done, done.value) == (False, 0, 0, 0)
    flags.stop, flags.done = True, 7
    assert (flags.stop, stop.value, flags.done, done.value) == (True, 1, 7, 7)
    flags.stop, done.value = False, 9
    assert (stop.value, flags.done) == (0, 9)
    flags.ask_to_stop()
    assert stop.value == 1


def test_each_number_has_a_cache_line_of_its_own():
    flags = Flags()
    assert abs(flags.done_at - flags.stop_at) >= 64
