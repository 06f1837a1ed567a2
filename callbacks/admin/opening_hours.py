"""Where managers set when the desk is open."""

from django.contrib import admin
from django.db.models import TimeField
from django.forms import TimeInput

from callbacks.models import OpeningHours


@admin.register(OpeningHours)
class OpeningHoursAdmin(admin.ModelAdmin):
    list_display = ["__str__"]
    actions = None
    formfield_overrides = {
        TimeField: {"widget": TimeInput(format="%H:%M", attrs={"type": "time", "step": 300})}
    }
