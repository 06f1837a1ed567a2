"""What gunicorn serves: the site, with what is the same for everybody kept in front of it."""

import os

from django.core.wsgi import get_wsgi_application

from firm_site.bodies import as_its_head_says
from firm_site.deadline import limited
from firm_site.page_cache import PageCache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firm_site.settings")
application = PageCache(as_its_head_says(limited(get_wsgi_application())))
