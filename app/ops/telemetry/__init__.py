"""What the service tells about itself: logs and measurements, neither with personal data."""
