"""Work by the clock (APScheduler). Each job is idempotent and finds its work in the database."""
