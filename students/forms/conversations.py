"""Write a message."""

from django import forms

from students.services.conversations import LONGEST


class MessageForm(forms.Form):
    """What to say."""

    text = forms.CharField(label="Your message", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}))
