"""Opening hours, holidays and the times people write. Pure: UTC datetimes in and out, the clock is
an argument. Everything in between is Vietnam time.
"""
