"""How forms are drawn: labels, hints and errors are tied to their fields."""

import pytest
from django import forms
from django.template.loader import render_to_string


class Provider(forms.Form):
    """A form with one field of each way of drawing."""

    name = forms.CharField(help_text="As on the <IRS> letter.")
    kind = forms.ChoiceField(choices=[("a", "Classroom"), ("b", "Online")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I agree")
    remark = forms.CharField(required=False)
    token = forms.CharField(widget=forms.HiddenInput, initial="t0")

    def clean(self):
        raise forms.ValidationError("The two do not fit together.")


class Course(forms.Form):
    """One row of a formset."""

    title = forms.CharField()


Courses = forms.formset_factory(Course, extra=2, min_num=0)


@pytest.fixture
def refused():
    """A form sent empty."""
    return Provider({})


@pytest.fixture
def refused_rows():
    """Two courses, of which the second lacks its title."""
    sent = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-0-title": "Welding", "form-1-title": ""}
    return Courses(sent)


def test_it_ties_hint_and_error_to_the_field(refused):
    drawn = str(refused["name"].as_field_group())

    assert '<label for="id_name">' in drawn
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'id="id_name_helptext">As on the &lt;IRS&gt; letter.' in drawn
    assert 'id="id_name_error"' in drawn
    assert "field-invalid" in drawn


def test_it_marks_only_what_is_required():
    form = Provider()

    assert 'class="required"' in form["name"].as_field_group()
    assert 'class="required"' not in form["remark"].as_field_group()


def test_it_draws_a_choice_as_a_group_with_a_legend():
    drawn = Provider()["kind"].as_field_group()

    assert drawn.index("<fieldset") < drawn.index("<legend>Kind") < drawn.index("Classroom")


def test_it_puts_a_box_inside_its_label():
    drawn = Provider()["agreed"].as_field_group()

    assert drawn.index("<label") < drawn.index('type="checkbox"') < drawn.index("I agree")
    assert drawn.count("<label") == 1


def test_it_draws_a_whole_form_with_its_hidden_fields():
    drawn = str(Provider())

    assert drawn.count('class="field') == 4
    assert 'name="token"' in drawn


def test_it_summarizes_errors_with_links_that_lead_to_the_fields(refused, refused_rows):
    summary = render_to_string("forms/errors.html", {"form": refused, "formset": refused_rows, "noun": "Program"})

    assert "The two do not fit together." in summary
    assert '<a href="#id_name">Name: This field is required.</a>' in summary
    assert '<a href="#id_kind_0">Kind: This field is required.</a>' in summary
    assert '<a href="#id_form-1-title">Program 2, Title: This field is required.</a>' in summary
    assert "Program 1" not in summary
    assert "autofocus" in summary


def test_it_summarizes_nothing_while_all_is_well():
    assert "error-summary" not in render_to_string("forms/errors.html", {"form": Provider()})


def test_it_numbers_the_forms_of_a_set(refused_rows):
    drawn = render_to_string("forms/formset.html", {"formset": refused_rows, "noun": "Program"})

    assert 'name="form-TOTAL_FORMS"' in drawn
    assert drawn.index("<legend>Program 1") < drawn.index("<legend>Program 2")
