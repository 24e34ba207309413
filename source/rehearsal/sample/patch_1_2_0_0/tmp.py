import os

with open(os.path.join(BASE_DIR, 'logs', 'update.log'), 'a', encoding='utf-8') as file:
    file.write('1.2.0.0 started for the first time\n')
