from django.db import OperationalError, connection


def test_it_is_well_while_the_database_answers(client, db, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_it_says_503_when_the_database_does_not_answer(client, db):
    def away(*args, **kwargs):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(away):
        answer = client.get("/healthz")

    assert answer.status_code == 503


def test_it_is_asked_from_inside_where_there_is_no_https(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$"]

    assert client.get("/healthz").status_code == 200
    assert client.get("/healthz/more").status_code == 301


def test_it_changes_nothing(client, db):
    assert client.post("/healthz").status_code == 405
