import platform

import django
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.encoding import force_str

from omflow.models import Start
from omflow.syscom.version import installed_version
from ommission.models import Mission


def facts():
    first = Mission.objects.order_by('id').first()
    return {
        'version': installed_version(),
        'python': platform.python_version(),
        'django': django.get_version(),
        'rows': Mission.objects.count(),
        'text': force_str(first.content) if first else '',
        'starts': Start.objects.get().number,
    }


def home(request):
    return render(request, 'home.html', {'facts': facts(), 'missions': Mission.objects.order_by('id')})


def status(request):
    return JsonResponse(facts())


def notes(request):
    return JsonResponse({mission.title: mission.note for mission in Mission.objects.order_by('id')})
