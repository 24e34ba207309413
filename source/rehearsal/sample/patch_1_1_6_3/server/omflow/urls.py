from django.conf.urls import include, url

from omflow.views import home, notes, status

urlpatterns = [
    url(r'^$', home),
    url(r'^status\.json$', status),
    url(r'^notes\.json$', notes),
    url(r'^custom/', include('omcustom.urls')),
]
