from django.conf.urls import include, url

from omflow.views import home, status

urlpatterns = [
    url(r'^$', home),
    url(r'^status\.json$', status),
    url(r'^custom/', include('omcustom.urls')),
]
