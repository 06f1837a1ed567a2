"""Django's database backend for PostgreSQL, in which a web request's deadline holds (firm_site.deadline)."""
