# The customer's own pages; updates leave this file alone.
urlpatterns = []
