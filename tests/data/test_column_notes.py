import json
import pickle

from pellucid.data import ColumnNote


def test_a_note_is_text():
    note = ColumnNote("column 'a': left out", {"a": "left out"})
    assert json.dumps([note]) == "[\"column 'a': left out\"]"
    assert note == "column 'a': left out"


def test_it_keeps_its_remarks_in_another_process():
    note = pickle.loads(pickle.dumps(ColumnNote("text", {"a": "left out"})))
    assert (note, note.remarks) == ("text", {"a": "left out"})
