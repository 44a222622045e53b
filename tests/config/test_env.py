"""The readers of the environment: what they take, and how they refuse the rest."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

NAME = "PROVOST_TEST_SETTING"


@pytest.fixture
def given(monkeypatch):
    """Put a value into the environment under the name that the tests read."""
    return lambda value: monkeypatch.setenv(NAME, value)


def test_it_returns_the_default_where_nothing_is_set():
    assert env.text(NAME, "default") == "default"


def test_it_strips_blanks(given):
    given("  value ")

    assert env.text(NAME, "default") == "value"


def test_it_keeps_a_password_that_begins_with_a_dollar_sign(given):
    given("$ecret")

    assert env.text(NAME, "") == "$ecret"


@pytest.mark.parametrize(("word", "meaning"), [("1", True), ("TRUE", True), ("on", True), ("0", False), ("No", False)])
def test_it_understands_truth_values(given, word, meaning):
    given(word)

    assert env.flag(NAME, not meaning) is meaning


@pytest.mark.parametrize("word", ["", "2", "maybe", "ja"])
def test_it_refuses_other_words_as_truth_values(given, word):
    given(word)

    with pytest.raises(ImproperlyConfigured, match=f"{NAME}=.* is neither on nor off"):
        env.flag(NAME, True)


def test_it_reads_whole_numbers(given):
    given("12")

    assert env.number(NAME, 1) == 12


@pytest.mark.parametrize("word", ["", "-1", "1.5", "many", "0x10", "2"])
def test_it_refuses_numbers_that_are_not_whole_or_too_small(given, word):
    given(word)

    with pytest.raises(ImproperlyConfigured, match="whole number of at least 3"):
        env.number(NAME, 3, least=3)


def test_it_reads_seconds_as_a_duration(given):
    given("90")

    assert env.seconds(NAME, 1) == timedelta(seconds=90)


def test_it_reads_lists_without_blanks_and_empty_words(given):
    given("one, two,, three ,")

    assert env.words(NAME) == ["one", "two", "three"]


def test_it_reads_pairs(given):
    given("texas=a=b, ohio=c")

    assert env.pairs(NAME) == {"texas": "a=b", "ohio": "c"}


@pytest.mark.parametrize("value", ["hunter2", "texas=", "=hunter2", "texas=a,hunter2"])
def test_it_refuses_what_is_no_pair_and_keeps_the_secret_to_itself(given, value):
    given(value)

    with pytest.raises(ImproperlyConfigured, match="name=value") as refusal:
        env.pairs(NAME)
    assert "hunter2" not in str(refusal.value)


def test_it_takes_one_of_the_allowed_words_alone(given):
    given("staging")

    with pytest.raises(ImproperlyConfigured, match="not one of development, production"):
        env.choice(NAME, "development", {"production", "development"})


def test_it_starts_relative_paths_at_the_project_and_leaves_absolute_ones():
    assert env.path(NAME, "var/mail") == env.ROOT / "var" / "mail"
    assert env.path(NAME, "/srv/mail") == Path("/srv/mail")


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("sqlite:////srv/provost.sqlite3", "django.db.backends.sqlite3"),
        ("postgres://provost:word@db:5432/provost", "django.db.backends.postgresql"),
        ("postgresql://provost@db/provost?sslmode=require", "django.db.backends.postgresql"),
    ],
)
def test_it_reads_the_two_kinds_of_database(given, url, engine):
    given(url)

    assert env.database(NAME, "")["ENGINE"] == engine


@pytest.mark.parametrize("url", ["", "provost.sqlite3", "mysql://root:hunter2@db/x", "postgres://u:hunter2@db:port/x"])
def test_it_refuses_other_databases_and_keeps_the_password_to_itself(given, url):
    given(url)

    with pytest.raises(ImproperlyConfigured, match="neither sqlite") as refusal:
        env.database(NAME, "")
    assert "hunter2" not in str(refusal.value)


def test_it_names_the_setting_that_a_misspelled_one_in_the_file_may_have_meant(monkeypatch):
    monkeypatch.setattr(env, "names_in_file", {"SECRET_KEY", "AUTOPILOT_WORKER"})
    monkeypatch.setattr(env, "names_read", {"SECRET_KEY", "AUTOPILOT_WORKERS"})

    with pytest.raises(ImproperlyConfigured, match=r"AUTOPILOT_WORKER in \.env .* Did you mean AUTOPILOT_WORKERS\?"):
        env.refuse_unknown()


def test_it_accepts_a_file_whose_names_were_all_read(monkeypatch):
    monkeypatch.setattr(env, "names_in_file", {"SECRET_KEY"})
    monkeypatch.setattr(env, "names_read", {"SECRET_KEY", "DEBUG"})

    env.refuse_unknown()

    assert env.names_in_file <= env.names_read
