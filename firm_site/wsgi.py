"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from firm_site.bodies import as_its_head_says

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firm_site.settings")
application = as_its_head_says(get_wsgi_application())
