from django.urls import path

from omflow.views import home, status

urlpatterns = [
    path('', home),
    path('status.json', status),
]
