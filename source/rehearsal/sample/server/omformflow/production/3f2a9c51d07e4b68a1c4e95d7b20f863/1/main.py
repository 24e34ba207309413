# Generated when the flow was published.
import openpyxl


def main(params):
    book = openpyxl.Workbook()
    book.active['A1'] = params.get('title', '')
    return {'rows': book.active.max_row}
