"""What a visitor may do on their own page."""
