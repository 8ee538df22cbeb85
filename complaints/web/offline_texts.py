"""Sentences that drafts, queue and review say on the phone."""

from django.utils.translation import gettext as _


def sentences() -> dict[str, str]:
    """By the names the scripts know; {braces} are filled in there."""
    return _queue() | _drafts() | _photos() | _review()


def _queue() -> dict[str, str]:
    return {
        "queue": _("Reports waiting on this device"),
        "mine": _("Reports from this device"),
        "waiting": _("Waiting for the network; it goes out by itself"),
        "retryAt": _("Could not be sent just now; the next try comes by itself"),
        "sendingPhoto": _("Sending photo {number} of {count}"),
        "sendingReport": _("Sending the report"),
        "refused": _("Needs a correction: {message}"),
        "sent": _("Sent. Code {code}"),
        "with": _("With {department}"),
        "withBy": _("With {department}, resolved by {due}"),
        "routing": _("Being passed to the responsible office …"),
        "open": _("Open my report"),
        "retry": _("Send now"),
        "edit": _("Change"),
        "correct": _("Correct it"),
        "discard": _("Discard"),
        "reallyDiscard": _("Discard this report? It was not sent; its text and photos are deleted here."),
        "forget": _("Remove from this device"),
        "reallyForget": _(
            "Remove the link from this device? Write down the code {code} first if you want to find it again."
        ),
        "busy": _("It is being sent at this moment. Please wait."),
        "untitled": _("Report without a kind"),
        "photoCount": _("{count} photos"),
        "shared": _("On a shared phone: remove what others should not see."),
        "firstVersion": _("The first version had arrived before your changes. Open it to add something."),
    }


def _drafts() -> dict[str, str]:
    return {
        "continueTitle": _("You began a report on {date}"),
        "continue": _("Continue it"),
        "draftKept": _("Kept on this device only, for 30 days. On a shared phone, discard it."),
        "kept": _("Saved on this device"),
        "resumed": _("Here is your report as you left it."),
        "offlineNow": _("No network. Fill in everything: the report is kept here and goes out by itself."),
        "onlineNow": _("The network is back."),
    }


def _photos() -> dict[str, str]:
    return {
        "uploading": _("Photo {number}: {percent}% sent"),
        "uploaded": _("Photo {number} is sent"),
        "uploadWaits": _("Photo {number} waits for the network"),
        "uploadFailed": _("Photo {number} could not be sent yet; it is tried again by itself"),
        "uploadRefused": _("Photo {number} was refused: {message}"),
        "tryAgain": _("Try again"),
        "sameAgain": _("This photo is here already."),
        "fromPhoto": _("Place and time were taken from the photo. Please check them below."),
        "placeFromPhoto": _("The place was taken from the photo. Please check it below."),
        "timeFromPhoto": _("The time was taken from the photo. Please check it below."),
        "timeSource": _("Taken from the photo; change it if it is not right."),
        "noPlaceInPhoto": _("The photo does not say where it was taken. Please choose the place below."),
        "removeRefused": _("Please remove the photo that was refused, or choose another one."),
        "stillSending": _("Sending the photos …"),
    }


def _review() -> dict[str, str]:
    return {
        "needKind": _("Please choose what kind of problem it is."),
        "needStory": _("Please describe the problem in a few words, or add a photo."),
        "needPlace": _("Please say where it is: on the map, by your position, or by kelurahan and street."),
        "needAnswer": _("Please answer this question."),
        "tooLong": _("The description has {length} characters; at most {limit} fit. Please shorten it."),
        "timeFuture": _("This time is still to come. Correct it, or leave it empty for now."),
        "timeOld": _(
            "This is more than a year ago. Please say when you last saw it, or leave it empty for now."
        ),
        "faults": _("Please check these points. Nothing you typed is lost."),
        "pinAt": _("Pin at {latitude}, {longitude}"),
        "seenAt": _("Seen on {at}"),
    }
