import os


def installed_version():
    """The last line that starts with `version=`; 0.0.0.0 without the file."""
    version = '0.0.0.0'
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'version.bin')
    if os.path.isfile(path):
        with open(path, encoding='utf-8') as file:
            for line in file:
                if line.startswith('version='):
                    version = line[len('version='):].strip()
    return version
