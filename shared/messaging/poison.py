"""What may be wrong with a message so that no repetition mends it; the class is the cause a dead letter names."""

from shared.kernel.errors import ZhidaError


class InvalidMessage(ZhidaError):
    """The message cannot be used: {detail}."""

    zh = "消息无法使用：{detail}。"


class NullValue(InvalidMessage):
    """The message has no value; an event's data is a JSON object."""

    zh = "消息没有内容；事件的数据应为 JSON 对象。"


class MessageTooLarge(InvalidMessage):
    """The message has {size_bytes} bytes; at most {limit_bytes} are accepted."""

    zh = "消息有 {size_bytes} 字节，最多接受 {limit_bytes} 字节。"


class NoId(InvalidMessage):
    """The message has no usable id: header ce_id must have 1 to 200 printable ASCII characters."""

    zh = "消息没有可用的编号：消息头 ce_id 应为 1 至 200 个可见 ASCII 字符。"


class UnknownType(InvalidMessage):
    """Nobody tells events of type {type_name}; the types are in shared.events.CATALOGUE."""

    zh = "没有类型为 {type_name} 的事件；类型见 shared.events.CATALOGUE。"


class UnknownVersion(InvalidMessage):
    """The type {type_name} is known, but not in this version; deploy a release that knows it, then replay."""

    zh = "类型 {type_name} 的这个版本未知；请部署认识它的版本，然后重放。"


class NotJson(InvalidMessage):
    """The message's value is not JSON: {detail}."""

    zh = "消息内容不是 JSON：{detail}。"


class DataInvalid(InvalidMessage):
    """The data does not fit {type_name}: {detail}."""

    zh = "数据不符合 {type_name}：{detail}。"


DEAD_LETTER_TOPIC = "zhida.dead-letters"
"""Where a message that cannot be used is told, byte for byte, with the cause in headers of ours."""
