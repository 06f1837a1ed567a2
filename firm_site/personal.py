"""What becomes of every column of every table: a rule for each, or the checks fail.

Whoever adds a column says here whether it is about a person, and if it is, when it goes.
"""

from collections.abc import Iterator
from enum import Enum

from django.apps import apps


class Rule(Enum):
    NOT_PERSONAL = "an identity of ours, a time, a code or a count: it stays"
    EMPTIED = "emptied when its request is forgotten or erased"  # callbacks.models.request.NOTHING
    SPENT = "replaced, when its request is forgotten or erased, by what nobody can find it from"
    DELETED = "its row is deleted when its request is forgotten or erased"  # callbacks.actions.keeping
    A_YEAR = "emptied a year after its complaint was closed"  # callbacks.actions.complaining
    OVER = "its row is deleted once it is over"
    STAFF = "about somebody who works here: it stays while the record names them"
    BY_PARTNERS = "what partners write, of nobody who asks: it stays until they take it away"


R = Rule

RULES: dict[str, dict[Rule, str]] = {
    # What people ask, and what becomes of it
    "callbacks.CallbackRequest": {
        R.EMPTIED: "fingerprint full_name phone phone_typed say_who leave_message email message procedure "
        "procedure_date clinic call_needs page page_version set_apart_because conflict_since case_number "
        "limitation_day",
        R.SPENT: "token",
        R.STAFF: "claimed_by_id solicitor_id",
        R.NOT_PERSONAL: "id reference channel rang_at notice_version earlier_id status attempts claimed_at "
        "claim_ends_at decide_by outcome closed_at erased_at created_at wanted_at place promised_by due_from "
        "due_at gives_up_at edits",
    },
    "callbacks.Note": {  # the reason of an export is about no request, and names nobody
        R.DELETED: "question text",
        R.STAFF: "by_id",
        R.NOT_PERSONAL: "id request_id event_id kind edits at",
    },
    "callbacks.Event": {
        R.STAFF: "by_id held_by_id",
        R.NOT_PERSONAL: "id request_id kind actor at was_at outcome ground undoes_id",
    },
    "callbacks.Notification": {  # of what was never sent the row is deleted
        R.NOT_PERSONAL: "id request_id complaint_id kind created_at gathered_in_id try_again_at sent_at "
        "failed_at tries"
    },
    "callbacks.DataComplaint": {
        R.A_YEAR: "fingerprint full_name email reach happened about set_apart_because outcome",
        R.STAFF: "acknowledged_by_id closed_by_id",
        R.NOT_PERSONAL: "id reference received_at acknowledge_by acknowledged_at closed_at",
    },
    "callbacks.Undo": {  # half a minute, or until it is erased
        R.OVER: "columns",
        R.STAFF: "by_id",
        R.NOT_PERSONAL: "id request_id event_id at until",
    },
    "callbacks.PostCount": {R.OVER: "key", R.NOT_PERSONAL: "since posts"},
    "callbacks.Notice": {R.NOT_PERSONAL: "number text first_shown"},
    # What managers set
    "callbacks.OpeningHours": {R.NOT_PERSONAL: "id weekday opens closes"},
    "callbacks.SpecialDay": {R.NOT_PERSONAL: "id day opens closes reason"},
    "callbacks.DeskCapacity": {R.NOT_PERSONAL: "id calls_an_hour calls_in_a_slot"},
    "callbacks.RetentionPeriods": {
        R.NOT_PERSONAL: "id spam_and_duplicates taken_on not_reached_and_withdrawn all_others "
        "all_others_confirmed"
    },
    "callbacks.HistoricalRetentionPeriods": {
        R.STAFF: "history_user_id",
        R.NOT_PERSONAL: "id spam_and_duplicates taken_on not_reached_and_withdrawn all_others "
        "all_others_confirmed history_id history_date history_change_reason history_type",
    },
    # What partners keep and publish
    "callbacks.Party": {R.BY_PARTNERS: "name remark", R.NOT_PERSONAL: "id added_at"},
    "callbacks.CallScript": {R.BY_PARTNERS: "topic other_words opening questions", R.NOT_PERSONAL: "id"},
    "callbacks.MessageTexts": {R.BY_PARTNERS: "not_viable declined", R.NOT_PERSONAL: "id"},
    "callbacks.HistoricalMessageTexts": {
        R.BY_PARTNERS: "not_viable declined history_change_reason",
        R.STAFF: "history_user_id",
        R.NOT_PERSONAL: "id history_id history_date history_type",
    },
    "pages.Page": {
        R.BY_PARTNERS: "slug title summary body topic author_id reviewed_by_id role known_as expertise "
        "qualifications sra_id short_biography portrait_id",
        R.NOT_PERSONAL: "id kind reviewed_on review_due",
    },
    "pages.HistoricalPage": {
        R.BY_PARTNERS: "slug title summary body topic author_id reviewed_by_id role known_as expertise "
        "qualifications sra_id short_biography portrait_id history_change_reason words spellings",
        R.STAFF: "history_user_id",
        R.NOT_PERSONAL: "id kind reviewed_on review_due history_id history_date history_type",
    },
    "pages.Draft": {  # half a year after the last key
        R.OVER: "fields",
        R.STAFF: "by_id",
        R.NOT_PERSONAL: "id page_id at",
    },
    "pages.Publication": {
        R.BY_PARTNERS: "change passed_because",
        R.STAFF: "by_id dropped_by_id",
        R.NOT_PERSONAL: "id page_id version_id live_from made_at passed dropped_at",
    },
    "pages.Address": {R.BY_PARTNERS: "path", R.NOT_PERSONAL: "id page_id"},
    "pages.Picture": {
        R.BY_PARTNERS: "name alternative_text",
        R.STAFF: "uploaded_by_id",
        R.NOT_PERSONAL: "id width height fingerprint uploaded_at",
    },
    "pages.PictureFile": {
        R.BY_PARTNERS: "content",
        R.NOT_PERSONAL: "id picture_id width height format hash",
    },
    "firm_site.FirmDetails": {
        R.BY_PARTNERS: "telephone calling_number email sender_name sra_number company_name company_number "
        "place_of_registration registered_office vat_number professional_title indemnity_insurer",
        R.NOT_PERSONAL: "id",
    },
    "firm_site.HistoricalFirmDetails": {
        R.BY_PARTNERS: "telephone calling_number email sender_name sra_number company_name company_number "
        "place_of_registration registered_office vat_number professional_title indemnity_insurer "
        "history_change_reason",
        R.STAFF: "history_user_id",
        R.NOT_PERSONAL: "id history_id history_date history_type",
    },
    "firm_site.RestoreDrill": {R.NOT_PERSONAL: "id began_at seconds tables rows size trouble"},  # for a year
    # The staff, and how they log in
    "firm_site.User": {
        R.STAFF: "password last_login username first_name last_name email date_joined",
        R.NOT_PERSONAL: "id is_superuser is_staff is_active",
    },
    "firm_site.Enrolment": {R.STAFF: "user_id digest", R.NOT_PERSONAL: "ends_at"},
    "firm_site.User_groups": {R.STAFF: "user_id group_id", R.NOT_PERSONAL: "id"},
    "firm_site.User_user_permissions": {R.STAFF: "user_id permission_id", R.NOT_PERSONAL: "id"},
    "auth.Group": {R.NOT_PERSONAL: "id name"},
    "auth.Group_permissions": {R.NOT_PERSONAL: "id group_id permission_id"},
    "auth.Permission": {R.NOT_PERSONAL: "id name content_type_id codename"},
    "contenttypes.ContentType": {R.NOT_PERSONAL: "id app_label model"},
    "admin.LogEntry": {  # changes to logins, hours, parties, pages: requests are not edited in the admin
        R.STAFF: "user_id object_id object_repr change_message",
        R.NOT_PERSONAL: "id action_time content_type_id action_flag",
    },
    "sessions.Session": {R.OVER: "session_key session_data", R.NOT_PERSONAL: "expire_date"},
    "otp_totp.TOTPDevice": {
        R.STAFF: "user_id name key last_used_at",
        R.NOT_PERSONAL: "id confirmed throttling_failure_timestamp throttling_failure_count created_at step "
        "t0 digits tolerance drift last_t",
    },
    "otp_static.StaticDevice": {
        R.STAFF: "user_id name last_used_at",
        R.NOT_PERSONAL: "id confirmed throttling_failure_timestamp throttling_failure_count created_at",
    },
    "otp_static.StaticToken": {R.STAFF: "token", R.NOT_PERSONAL: "id device_id"},
    "axes.AccessAttempt": {
        R.OVER: "user_agent ip_address username http_accept path_info get_data post_data",
        R.NOT_PERSONAL: "id attempt_time failures_since_start",
    },
    "axes.AccessAttemptExpiration": {R.NOT_PERSONAL: "access_attempt_id expires_at"},
    "axes.AccessFailureLog": {
        R.OVER: "user_agent ip_address username http_accept path_info",
        R.NOT_PERSONAL: "id attempt_time locked_out",
    },
    "axes.AccessLog": {
        R.OVER: "user_agent ip_address username http_accept path_info session_hash",
        R.NOT_PERSONAL: "id attempt_time logout_time",
    },
    # The worker's: its jobs carry the time at which they were due, and nothing else
    "procrastinate.ProcrastinateJob": {
        R.OVER: "args",
        R.NOT_PERSONAL: "id queue_name task_name priority lock status scheduled_at attempts queueing_lock "
        "abort_requested worker_id",
    },
    "procrastinate.ProcrastinateEvent": {R.NOT_PERSONAL: "id job_id type at"},
    "procrastinate.ProcrastinatePeriodicDefer": {
        R.NOT_PERSONAL: "id task_name defer_timestamp job_id periodic_id"
    },
    "procrastinate.ProcrastinateWorker": {R.NOT_PERSONAL: "id last_heartbeat"},
}


def columns(table: str, *rules: Rule) -> set[str]:
    """The columns of a table ("callbacks.Note") that have one of these rules, or any."""
    found = RULES.get(table, {})
    return {column for rule in rules or found for column in found.get(rule, "").split()}


def without_a_rule() -> Iterator[str]:
    """Every column of which nothing is said here: "callbacks.Note.text"."""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.label
        known = columns(table)
        for field in model._meta.concrete_fields:
            if field.column not in known:
                yield f"{table}.{field.column}"
