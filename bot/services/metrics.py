"""Numbers an operator watches. Labels are short fixed words: never a person's text or id."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60)


class Metrics:
    """One registry per program, so that two of them in one test do not share counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.received = Counter(
            "congdanso_events_received_total", "Events kept", ["source"], registry=self.registry
        )
        self.repeated = Counter(
            "congdanso_events_repeated_total",
            "Events the platform sent again",
            ["source"],
            registry=self.registry,
        )
        self.handled = Counter(
            "congdanso_events_handled_total", "Events handled", ["result"], registry=self.registry
        )
        self.handling = Histogram(
            "congdanso_handling_seconds",
            "From taking an event to its committed decision",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.sends = Counter(
            "congdanso_sends_total",
            "Attempts to send",
            ["channel", "result"],
            registry=self.registry,
        )
        self.cards = Counter(
            "congdanso_cards_total", "Step cards asked for", ["result"], registry=self.registry
        )
        self.pictures = Counter(
            "congdanso_pictures_total",
            "Messages that were to have a picture",
            ["channel", "result"],
            registry=self.registry,
        )
        self.pictures_read = Counter(
            "congdanso_pictures_read_total",
            "QR codes read in pictures people sent, by kind; pictures not read, by reason",
            ["what"],
            registry=self.registry,
        )
        self.voice_notes = Counter(
            "congdanso_voice_notes_total",
            "Voice notes that were heard, and those that were not, by reason",
            ["result"],
            registry=self.registry,
        )
        self.voice_hearing = Histogram(
            "congdanso_voice_hearing_seconds",
            "From having a voice note to its transcript",
            buckets=(0.5, 1, 2, 5, 10, 20, 60, 120, 300),
            registry=self.registry,
        )
        self.zalo_refreshes = Counter(
            "congdanso_zalo_oa_refreshes_total",
            "Trades of Zalo's refresh token for a new pair",
            ["result"],
            registry=self.registry,
        )
        self.zalo_token = Gauge(
            "congdanso_zalo_oa_token_seconds",
            "How long Zalo's access token still works; 0 when there is none",
            registry=self.registry,
        )
        self.zalo_waiting = Gauge(
            "congdanso_zalo_oa_waiting",
            "People on Zalo whose messages wait until they write",
            registry=self.registry,
        )
        self.requests = Counter(
            "congdanso_http_refused_total",
            "Requests refused",
            ["where", "why"],
            registry=self.registry,
        )
        self.waiting = Gauge(
            "congdanso_inbox_waiting", "Events that wait to be handled", registry=self.registry
        )
        self.outbox = Gauge(
            "congdanso_outbox", "Messages by state", ["status"], registry=self.registry
        )
        self.tickets = Gauge(
            "congdanso_tickets_open", "Open tickets", ["status"], registry=self.registry
        )
        self.overdue = Gauge(
            "congdanso_tickets_overdue",
            "Open tickets past their deadline that the ladder has not worked on",
            registry=self.registry,
        )
        self.feeds = Gauge(
            "congdanso_feeds", "Lists of bad hosts by state", ["state"], registry=self.registry
        )
        self.feed_hosts = Gauge(
            "congdanso_feed_hosts", "Hosts of all lists in use", registry=self.registry
        )
        self.feed_age = Gauge(
            "congdanso_feed_age_seconds",
            "Age of the good list that is oldest",
            registry=self.registry,
        )
        self.alert_subscribers = Gauge(
            "congdanso_alert_subscribers", "Chats that want alerts", registry=self.registry
        )
        self.alerts_waiting = Gauge(
            "congdanso_alert_deliveries_waiting",
            "Chats that are still to be told of an alert",
            registry=self.registry,
        )
        self.content_loads = Counter(
            "congdanso_content_loads_total",
            "Changes of the content's files read",
            ["result"],
            registry=self.registry,
        )
        self.content_stale = Gauge(
            "congdanso_content_stale",
            "Mistakes because of which files are not served as they are",
            registry=self.registry,
        )
        self.engine_ready = Gauge(
            "congdanso_engine_ready", "1 when the engine understands", registry=self.registry
        )
        self.runs = Counter(
            "congdanso_nlu_runs_total",
            "Training and grouping in processes of their own",
            ["kind", "result"],
            registry=self.registry,
        )
        self.model_switches = Counter(
            "congdanso_nlu_switches_total",
            "Changes to a model that was published or taken back",
            ["result"],
            registry=self.registry,
        )
        self.parses = Counter(
            "congdanso_parses_total", "Messages understood", ["engine"], registry=self.registry
        )
        self.rasa_failures = Counter(
            "congdanso_rasa_failures_total",
            "Times Rasa gave no usable answer",
            ["why"],
            registry=self.registry,
        )
        self.rasa_up = Gauge(
            "congdanso_rasa_up", "1 when Rasa understands messages", registry=self.registry
        )
        self.inbox_age = Gauge(
            "congdanso_inbox_age_seconds",
            "How long the oldest waiting event has waited",
            registry=self.registry,
        )
        self.outbox_age = Gauge(
            "congdanso_outbox_age_seconds",
            "How long the oldest message that may leave has waited",
            registry=self.registry,
        )
        self.given_up = Gauge(
            "congdanso_inbox_given_up",
            "Events that could not be handled and were set aside, fifty at most",
            registry=self.registry,
        )
        self.outbox_failures = Gauge(
            "congdanso_outbox_failures",
            "Messages given up within a day",
            ["channel", "why"],
            registry=self.registry,
        )
        self.channel_up = Gauge(
            "congdanso_channel_up",
            "1 unless a channel is down",
            ["channel"],
            registry=self.registry,
        )
        self.channel_in = Gauge(
            "congdanso_channel_last_in_seconds",
            "When something last came from a channel, in Unix time",
            ["channel"],
            registry=self.registry,
        )
        self.channel_out = Gauge(
            "congdanso_channel_last_out_seconds",
            "When something last went out to a channel, in Unix time",
            ["channel"],
            registry=self.registry,
        )
        self.job_runs = Counter(
            "congdanso_job_runs_total", "Runs of jobs", ["job", "result"], registry=self.registry
        )
        self.job_seconds = Histogram(
            "congdanso_job_seconds",
            "How long a job took",
            ["job"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.job_last = Gauge(
            "congdanso_job_last_success_seconds",
            "When a job last ended well, in Unix time",
            ["job"],
            registry=self.registry,
        )
        self.schedulers = Gauge(
            "congdanso_schedulers", "Processes that run jobs", registry=self.registry
        )
        self.queue_jobs = Gauge(
            "congdanso_queue_jobs",
            "Conversations the queue has for workers, by status",
            ["status"],
            registry=self.registry,
        )
        self.queue_workers = Gauge(
            "congdanso_queue_workers", "Workers that take from the queue", registry=self.registry
        )
        self.disk_free = Gauge(
            "congdanso_disk_free_bytes", "Room where the data is", registry=self.registry
        )
        self.database_bytes = Gauge(
            "congdanso_database_bytes", "Size of the database", registry=self.registry
        )
        self.backup_age = Gauge(
            "congdanso_backup_age_seconds",
            "Age of the newest backup; NaN when there is none",
            registry=self.registry,
        )
