import time

from stakeholders.differences import changed, marked


def test_it_marks_the_words_that_the_other_text_lacks():
    assert marked("four of six schools", "five of six schools") == "<ins>four</ins> of six schools"


def test_it_tells_how_a_text_changed():
    assert changed("by May 1", "by June 1") == "by <del>May</del><ins>June</ins> 1"


def test_the_same_text_is_not_marked():
    assert marked("as it was", "as it was") == "as it was"


def test_what_was_typed_is_escaped():
    assert marked("<b>bold</b>", "") == "<ins>&lt;b&gt;bold&lt;/b&gt;</ins>"


def test_long_and_repetitive_texts_do_not_take_long():
    began = time.process_time()

    marked("a b " * 4000, "b a " * 4000)
    changed("a " * 700, "b a " * 700)

    assert time.process_time() - began < 2
