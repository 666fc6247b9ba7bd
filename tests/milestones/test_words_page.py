"""The page that says what each word means."""

from milestones.status import MEANING, Word


def test_every_word_is_explained_in_the_order_in_which_it_is_tried(signed_in, cast):
    page = signed_in(cast.vera).get("/d/cedar/words/").content.decode()

    places = [page.index(f">{word.label}</span>") for word in Word]
    assert places == sorted(places)
    assert list(MEANING) == list(Word)
    for meaning in MEANING.values():
        assert str(meaning).split(".")[0].split("’")[0] in page
