import pytest

from stakeholders.addresses import Address, read_addresses


def read(pasted: str) -> list[tuple[str, str]]:
    found, unread = read_addresses(pasted)
    assert unread == []
    return [(one.email, one.name) for one in found]


@pytest.mark.parametrize(
    "pasted",
    [
        "a@x.org, b@x.org",
        "a@x.org;b@x.org",
        "a@x.org\nb@x.org",
        " a@x.org ;\r\n\r\n, b@x.org,",
        "A@X.org\tb@x.org".replace("\t", ","),
        "<a@x.org>, <b@x.org>",
        "mailto:a@x.org; <mailto:b@x.org>",
        "a@x.org, b@x.org, A@x.org",
    ],
)
def test_commas_semicolons_and_lines_stand_between_addresses(pasted):
    assert read(pasted) == [("a@x.org", ""), ("b@x.org", "")]


@pytest.mark.parametrize(
    ("pasted", "name"),
    [
        ("Maria Lopez <m@x.org>", "Maria Lopez"),
        ('"Lopez, Maria" <m@x.org>', "Maria Lopez"),
        ("Lopez, Maria <m@x.org>", "Maria Lopez"),
        ("'Maria' <m@x.org>", "Maria"),
        ('"m@x.org" <m@x.org>', ""),
        ("Zoë Ångström<m@x.org>", "Zoë Ångström"),
        ("m@x.org, Maria <m@x.org>", "Maria"),
        ("M" * 200 + " <m@x.org>", "M" * 150),
    ],
)
def test_a_name_beside_an_address_is_kept_as_it_is_said(pasted, name):
    assert read(pasted) == [("m@x.org", name)]


def test_names_in_a_list_stay_with_their_addresses():
    pasted = "Lopez, Maria <m@x.org>; Chen, Wei <w@x.org>\nBob <b@x.org>, c@x.org, Dee, Ed <e@x.org>"

    assert read(pasted) == [
        ("m@x.org", "Maria Lopez"),
        ("w@x.org", "Wei Chen"),
        ("b@x.org", "Bob"),
        ("c@x.org", ""),
        ("e@x.org", "Ed Dee"),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "nobody",
        "a@",
        "@x.org",
        "a b@x.org",
        "a@x",
        "<a@x.org",
        "a@x.org>",
        "a@x..org",
        "a@b@x.org",
        '"',
        "a" * 260 + "@x.org",
    ],
)
def test_what_is_no_address_is_named_with_its_line_and_the_others_are_kept(bad):
    found, unread = read_addresses(f"a@x.org\n\n{bad}\nb@x.org")

    assert [one.email for one in found] == ["a@x.org", "b@x.org"]
    assert [(one.line, one.text) for one in unread] == [(3, bad[:200])]
    assert unread[0].why


def test_two_words_without_an_address_are_both_named():
    found, unread = read_addresses("one, two, a@x.org")

    assert found == [Address("a@x.org")]
    assert [word for one in unread for word in one.text.split(", ")] == ["one", "two"]


def test_a_long_hostile_text_is_read_in_no_time():
    for hostile in ("<" * 50_000, '"' * 50_001, ",;" * 50_000, "a," * 50_000, "a@x.org <" * 9_000):
        read_addresses(hostile)
