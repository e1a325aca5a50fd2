"""The desk: a team member's own page on the phone, behind a signed link, without any app."""
