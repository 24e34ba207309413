from django.urls import include, re_path

from omflow.views import home, notes, status

urlpatterns = [
    re_path(r'^$', home),
    re_path(r'^status\.json$', status),
    re_path(r'^notes\.json$', notes),
    re_path(r'^custom/', include('omcustom.urls')),
]
