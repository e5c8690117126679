"""Why a whole file is refused before any of its rows is looked at, each with its mend."""

from shared.kernel.errors import InvalidInput, TooLarge


class FileEmpty(InvalidInput):
    """The file “{file}” has no rows below its headings. Fill in at least one row and upload it again."""

    zh = "文件“{file}”在表头以下没有内容。请至少填写一行后重新上传。"


class WrongFileType(InvalidInput):
    """“{file}” is {found_en}, not a roster. Save it as .xlsx or .csv and upload that."""

    zh = "“{file}”是{found_zh}，不是花名册。请另存为 .xlsx 或 .csv 后上传。"


class FileEncrypted(InvalidInput):
    """“{file}” is protected by a password. Remove the password (File, Info, Protect Workbook) and upload it again."""

    zh = "“{file}”设有打开密码。请在“文件—信息—保护工作簿”中取消密码后重新上传。"


class FileDamaged(InvalidInput):
    """“{file}” cannot be read to its end ({reason}). Open it in Excel or WPS, save it again and upload that."""

    zh = "“{file}”无法完整读取（{reason}）。请用 Excel 或 WPS 打开后重新保存再上传。"


class FileTooLarge(TooLarge):
    """“{file}” has more than {limit}. Split it, by township for instance, and upload the parts."""

    zh = "“{file}”超过{limit_zh}的上限。请按乡镇等拆分成几个文件分别上传。"


class ColumnsMissing(InvalidInput):
    """“{file}” lacks the column {missing_en}. Found were: {found}. Download the template and keep its headings."""

    zh = "“{file}”缺少列：{missing}。读到的表头是：{found}。请下载模板并保留其表头。"


class ColumnTwice(InvalidInput):
    """“{file}” has the column {heading} more than once. Keep one of them."""

    zh = "“{file}”中“{heading}”列出现多次。请只保留一列。"


class CellsMerged(InvalidInput):
    """“{file}” has merged cells among its rows ({ranges}). Unmerge them and fill in every row."""

    zh = "“{file}”的数据中有合并单元格（{ranges}）。请取消合并并逐行填写。"


class HeadingIsFormula(InvalidInput):
    """“{file}” has a formula as a heading ({cells}). Paste the headings as values."""

    zh = "“{file}”的表头是公式（{cells}）。请将表头粘贴为数值。"
