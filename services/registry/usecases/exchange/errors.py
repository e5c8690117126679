"""Why nothing is exchanged, each with its mend."""

from shared.kernel.errors import Conflict, Forbidden, Gone, InvalidInput, NotFound, TooLarge


class ExchangeAreaNotYours(Forbidden):
    """Area {area} is not in yours ({areas}), or is none. Leave it out, or name a county, township or site of your own."""

    zh = "{area} 不在您的辖区（{areas}）内，或不是区划代码。请不填，或填写您辖区内的县、乡镇或安置点代码。"


class ExchangeAreaNotNamed(InvalidInput):
    """You do not have just one area. Name the one whose people are exchanged: its code in `area_code`."""

    zh = "您的辖区不是唯一的，请用 area_code 写明交换哪个辖区的数据。"


class MonthNotBegun(InvalidInput):
    """{month} has not begun yet. Choose a month until {today}."""

    zh = "{month} 尚未开始。请选择 {today} 以前的月份。"


class MonthNotKept(InvalidInput):
    """`month` {month}: what was found out by helpers then has had its time and is destroyed, and would go out blank. Choose a month from {first} on."""

    zh = "月份（month）{month}：当月的跟踪记录已满保存期限并销毁，报出的将是空值。请选择 {first} 及以后的月份。"


class MonthUnreadable(InvalidInput):
    """“{given}” is no month. Write year-month, such as 2020-03."""

    zh = "“{given}”不是月份。请写成 年-月，如 2020-03。"


class MappingUnknown(NotFound):
    """There is no column mapping {mapping_id}. Choose one of: {known}."""

    zh = "没有列对应表 {mapping_id}。请选择：{known}。"


class MappingTaken(Conflict):
    """{key} is there already and says something else. Give the file the next version number."""

    zh = "{key} 已经存在，且内容不同。请使用下一个版本号。"


class ReceiptForOtherMapping(InvalidInput):
    """Export {export_id} was made by the mapping {needed}. Choose that mapping for its receipts."""

    zh = "导出 {export_id} 使用的是列对应表 {needed}。请为其回执选择同一列对应表。"


class ExportNotReady(Conflict):
    """Export {export_id} is still being drawn up, or failed. Wait until its page says that it is ready, or ask for it again."""

    zh = "报送 {export_id} 仍在生成，或生成失败。请等待页面显示“可下载”，或重新生成。"


class ExportExpired(Gone):
    """The file of export {export_id} could be fetched until {day}. Draw the month up again."""

    zh = "报送 {export_id} 的文件已于 {day} 过期。请重新生成该月的报送。"


class ExportTooLong(InvalidInput):
    """The export has {rows} rows, and a sheet holds {limit}. Fetch it as CSV, or draw it up by county."""

    zh = "报送共 {rows} 行，一张工作表最多 {limit} 行。请下载 CSV，或按县生成。"


class ExchangeFileTooLarge(TooLarge):
    """“{file}” has more than {limit}. Send its lines in parts, each below the same headings: in any order, and a part twice does
    no harm. Or draw the month up by township, and have it answered by township."""

    zh = "“{file}”超过{limit_zh}的上限。请把各行分成几个文件，每个文件保留表头，先后不限，重复上传也无妨；或按乡镇生成报送，由系统按乡镇回复。"
