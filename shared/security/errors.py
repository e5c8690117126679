"""What can be wrong with a caller's proof, each with its mend."""

from shared.kernel.errors import Forbidden, Gone, InvalidInput, Unauthenticated, ZhidaError


class TokenForged(Unauthenticated):
    """This token was not issued here or has been changed. Ask the operator for a new one: zhida token."""

    zh = "访问令牌不是本系统签发的，或已被改动。请向系统管理员申请新令牌（zhida token）。"


class TokenExpired(Unauthenticated):
    """This token expired at {expired_at}. Ask the operator for a new one: zhida token."""

    zh = "访问令牌已于 {expired_at} 过期。请向系统管理员申请新令牌（zhida token）。"


class SessionExpired(Unauthenticated):
    """Your session has ended. Sign in again."""

    zh = "登录已失效，请重新登录。"


class RoleMissing(Forbidden):
    """This is open to {needed_en}; you are {held_en}. Ask the operator for a token with that role."""

    zh = "此功能仅向 {needed_zh} 开放，您的角色为 {held_zh}。如需使用，请向系统管理员申请相应角色。"


class RolesDontMix(InvalidInput):
    """{roles} cannot be held together: an enterprise, a carrier or a service holds that role alone. Issue a token for each."""

    zh = "角色 {roles} 不能合并：用工企业、客运企业和内部服务只能单独持有一种角色。请分别签发令牌。"


class ProvinceNeeded(Forbidden):
    """This holds in every county, so it needs an area that covers the province ({province}); yours is {areas}. Ask the province's office to do it."""

    zh = "此项对所有县生效，需要覆盖全省（{province}）的辖区，您的辖区为 {areas}。请联系省级管理部门办理。"


class CsrfMissing(Forbidden):
    """The page's security code (CSRF token) is missing or wrong. Reload the page and send it again."""

    zh = "页面安全校验码（CSRF）缺失或不正确。请刷新页面后重新提交。"


class OriginForeign(Forbidden):
    """This form was not sent by a page of this service. Open the page here and send it again."""

    zh = "该表单不是由本系统页面提交的。请在本系统中打开页面后重新提交。"


class LinkForged(Forbidden):
    """This link was not issued here or is not whole. Copy it again in full, or ask for a new link."""

    zh = "链接不是本系统签发的，或不完整。请重新完整复制，或联系发送方获取新链接。"


class LinkExpired(Gone):
    """This link expired at {expired_at}. Ask whoever sent it for a new link."""

    zh = "链接已于 {expired_at} 过期。请联系发送方获取新链接。"


class LinkNotOpened(Unauthenticated):
    """This link is not open on this device. Open the link again and press the button."""

    zh = "此设备上尚未打开该链接。请重新打开链接并点击按钮。"


class SealBroken(ZhidaError):
    """Sealed data of {context} cannot be opened: another key, another context, or changed data."""

    zh = "{context} 的加密数据无法打开：密钥不符、用途不符或数据已被改动。"


class WrappingKeyUnknown(SealBroken):
    """There is no wrapping key {key_id} among the vault's keys: it was retired, or this is another installation's file. Put the right key file in place; what a retired key wrapped is lost."""

    zh = "保险库密钥中没有包装密钥 {key_id}：它已停用，或这是另一套系统的密钥文件。请放置正确的密钥文件；停用密钥所包装的数据已无法恢复。"
