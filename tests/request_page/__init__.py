"""The page of a request in the staff admin."""
