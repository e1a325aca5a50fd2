"""How people really type: shorthand, dialect, spoken spellings, glued words.

Keys and values are lower case; a value must be left alone by the normaliser (a test checks).
Standard library only, Python 3.10 syntax.
"""


def _spread(groups: dict[str, str]) -> dict[str, str]:
    """{'right form': 'variant variant ...'} as {'variant': 'right form'}."""
    return {variant: right for right, variants in groups.items() for variant in variants.split()}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One token typed -> what it means. A key that is also an ordinary word does not belong here.
TOKENS = _spread(
    {
        # yes, no, question words
        "không": (
            "k ko kô kh kg khg hk hg hok hông hổng hong hem hẽm khum "
            "hơm kop kông khôg khog hôg khônh khongg"
        ),
        "được": "dc đc đx đượk đuoc đươc đuợc đựoc",
        "đăng ký": "đk dk đky dky dki đki",
        "ừ": "uh uhm uk ukm ừm ờm uhuh ừa ừh ưm",
        "ok": "oke okie oki okê okey okay okela okla okii",
        "gì": "j ji jì rì",
        "vậy": "v z zậy zay vại",
        "rồi": "r rùi rôi ròi òi roài rồj zồi",
        "thôi": "thui thoy thuii",
        "biết": "bik bjt bít biêt bít biếc",
        "như thế nào": "ntn nthe",
        "làm sao": "lsao lms",
        "làm": "lm",
        "bao nhiêu": "bn bnhiu",
        "nhiêu": "nhiu",
        "sao": "seo",
        "bây giờ": "bjo bj bgio",
        "giờ": "h",
        "với": "vs zới dới",
        "vô": "zô dzô dzo",
        "về": "zề",
        "cũng": "cx cug cũg",
        "quá": "wá qá",
        "qua": "wa",
        "mới": "ms mứi",
        "trước": "trc trk",
        "người": "ng ngừi",
        "người ta": "ngta nta",
        "mọi người": "mn mng",
        "mình": "mik",
        "em": "e",
        "nhưng": "nhg nhưg",
        "những": "nhữg",
        "giúp": "dúp zúp júp",
        "vợ": "zợ vk",
        "vui": "zui",
        "luôn": "lun lunn luonn",
        "thằng": "thg",
        "cái": "cía",
        "trả lời": "rep tloi",
        "cảm ơn": "tks thks thanks thank thankyou camon cảmơn cámơn cmon",
        "chào": "hi hello helo hellu heloo",
        "xin chào": "xinchao xinchào",
        "tạm biệt": "bye byebye tambiet",
        "alô": "alo alu aloha",
        # devices and accounts
        "điện thoại": "dt đt dthoai đthoại dthoại đthoai dienthoai điệnthoại fone phone dtdd đtdđ",
        "số điện thoại": "sdt sđt sodienthoai sodt sođt",
        "tài khoản": "tkhoản tkhoan taikhoan tàikhoản acc account acount nick",
        "số tài khoản": "stk sotaikhoan",
        "mật khẩu": "mk pass password pas mkhau matkhau mậtkhẩu pw passwork",
        "đăng nhập": "login dangnhap đăngnhập",
        "ngân hàng": "nh bank banking nganhang ngânhàng ngânhàn nhbank",
        "chuyển khoản": "ck chuyenkhoan",
        "chuyển tiền": "chuyentien",
        "cài đặt": "setting settings caidat",
        "ứng dụng": "ungdung app apps ápp",
        "vneid": (
            "vnid vneit vnied vneidd vnei vined vineid vineit vneiđ vneld vnêid vneíd vnedi "
            "vneiid vnneid vneids vneed vneud vnieid vienid vnteid vbeid"
        ),
        "vssid": "vsid vssd vssdi vsssid vssidd vssit vsisd",
        "zalo": "zl zalô dalo jalo zaloo zolo zlo dalô zalozalo",
        "facebook": "fb face phây fabook facebok fây facbook faceboook fbook feisbuk phâybúc",
        "youtube": "ytb yt youtub diutup",
        "tiktok": "tictok toptop tóptóp tiktot",
        "messenger": "mess",
        "mã qr": "qrcode maqr",
        "otp": "ôtp ôtêpê",
        "email": "mail gmail imeo imail emai",
        "wifi": "wf uaiphai oaiphai waifai goaiphai",
        "sim": "xim",
        "mạng xã hội": "mxh mangxahoi",
        # papers and public services
        "căn cước công dân": "cccd cancuoccongdan ccdc",
        "căn cước": "cancuoc căncước",
        "chứng minh nhân dân": "cmnd cmt cmtnd chungminhnhandan",
        "định danh": "dinhdanh địnhdanh",
        "dịch vụ công": "dvc dvctt dichvucong",
        "chữ ký số": "chukyso chukiso cks chữkýsố",
        "công dân số": "congdanso",
        "chuyển đổi số": "cds cđs chuyendoiso",
        "công nghệ số": "cns congngheso",
        "bảo hiểm y tế": "bhyt baohiemyte",
        "bảo hiểm xã hội": "bhxh baohiemxahoi",
        "bảo hiểm": "baohiem",
        "giấy phép lái xe": "gplx",
        "bằng lái xe": "blx banglaixe",
        "hồ sơ": "hs hoso hồsơ",
        "khai sinh": "gks khaisinh",
        "sổ hộ khẩu": "shk",
        "hộ khẩu": "hokhau",
        "lý lịch tư pháp": "lltp",
        "ủy ban": "ub ubnd uybannhandan",
        "công an": "congan côngan",
        "hướng dẫn": "hd hdan huongdan hướngdẫn",
        "lừa đảo": "luadao lừađảo scam",
        "thông tin": "ttin thongtin",
        "hóa đơn": "hoadon hđ",
        "hóa đơn điện tử": "hddt hđđt",
        "thuế": "thúê",
        "sinh trắc học": "sinhtrachoc",
        "tổ công nghệ số cộng đồng": "tcnscd tcnscđ",
        # i and y
        "ký": "kí",
        "kỹ": "kĩ",
        "kỳ": "kì",
        "kỷ": "kỉ",
        "ky": "ki",
        "lý": "lí",
        "ly": "li",
        "mỹ": "mĩ",
        "quý": "quí",
        "quy": "qui",
        "tỷ": "tỉ",
        "sĩ": "sỹ",
        # frequent misspellings by ear
        "chuyển": "chiển chuyễn chuyểng chuển chuyênr",
        "khoản": "khoãn",
        "nhập": "nhặp nhâp",
        "đảo": "đão",
        "mã": "mả mãm",
        "đã": "đả",
        "bấm": "bắm bấmm",
        "mật": "mậc",
        "thoại": "thọi thoạy thoạii",
        "nghệ": "ngệ nghê",
        "hỏi": "hõi",
        "chỉ": "chĩ",
        "của": "cũa cuả",
        "cả": "cã",
        "tiền": "tiềng",
        "gửi": "gởi gưi gữi",
        "quên": "qên",
        "bị": "bịi bỵ",
        "trời": "chời zời",
        "này": "nầy nì",
    }
)

# Several tokens typed -> one form. Longest match wins, left to right.
PHRASES = {
    variant.strip(): right
    for right, variants in {
        "vneid": (
            "ví nê ít|vi nê ít|vi ne it|vi neid|ví neid|vn eid|vn e id|v n e i d|vnei d|vi en eid"
            "|vn ei đi|vn i d|vê nờ eid|vê en eid|vn ai đi|vê nê ít|vi nê ích|vi ne id|vê nây đi"
            "|vi en e i đi|ve ne id|vne id|vi nít|vi nê id|vê nê id|ví nê id|vn ây đi"
        ),
        "vssid": "vs id|vss id|vi ét ét ai đi|vê ét ét id|v s s i d|vi ét ét id|vi ét id",
        "zalo": "za lo|za lô|gia lô|da lô|dza lô|ja lô|gia lo|zép lô",
        "facebook": (
            "phây búc|phây bút|phây sờ búc|phay buc|phê búc|face book|fây búc|fay buc|phây bốc"
            "|phây búk"
        ),
        "youtube": "diu túp|du túp|you tube|iu túp|diu tup",
        "tiktok": "tóp tóp|tích tốc|tic toc|tik tok|tíc tóc|tích tóc|top top|tít tóc",
        "otp": "o t p|ô tê pê|ô ti pi|ô tp|o tê pê|ô tê bê|ôtê pê",
        "mã qr": (
            "mã q r|mã quy rờ|mã cu rờ|mã kiu rờ|mã kiu a|mã quy a|qr code|mã quét qr|mã qr code"
            "|ma qr|ma q r|mã cu a|mã ky rờ|mã quy"
        ),
        "wifi": (
            "wi fi|quai phai|oai phai|goai phai|wai phai|uy phi|guai phai|quay phai|woai phai"
            "|hoai phai"
        ),
        "email": "g mail|gờ meo|i meo|i mêu|e mail|i mêo|y meo|thư điện tử",
        "momo": "mo mo|mô mô|mo mô",
        "internet": "in tơ nét|in ter net|inter net",
        "smartphone": "mát phôn|sờ mát phôn|smart phone|smat phon",
        "sim": "cái xim",
        "apk": "a pê ka|a p k|file ap k",
        "4g": "4 g|bốn gờ|bốn g|bốn gê|4 gờ",
        "5g": "5 g|năm gờ|năm g|5 gờ",
        "3g": "3 g|ba gờ|3 gờ",
        "2g": "2 g|hai gờ|hai g|2 gờ",
        "nfc": "n f c|en ép xi|en ép cê",
        "camau g": "cà mau g|cà mau gờ|camaug|ca mau g",
        "c thái nguyên": "cthainguyen|c thai nguyen|c thainguyen",
        "etax mobile": "e tax mobile|etaxmobile|i tax mobile",
        "etax": "e tax|i tắc|ê tắc|e tắc",
        "tài khoản": "tài khoảng|tài khoãn|tài khỏan",
        "cảm ơn": "cám ơn|cảm ưn|cám ưn|cảm ơng|thank you|cảm ớn|cãm ơn|cám ơng",
        "mật khẩu": "mật mã|mật khảu|mật khẫu",
        "ngân hàng": "nhà băng",
        "điện thoại": "điện thọi",
        "đăng nhập": "đăng nhặp|log in",
        "ok": "ô kê|ô kê la|o kê|o ke",
        "tạm biệt": "bai bai|bye bye|bái bai",
        "ủy ban": "ủy ban nhân dân|uỷ ban",
        "livestream": "lai trim|lai chim|lai xờ trim|live stream",
        "online": "on lai|on line|ôn lai|on lai n",
        "video call": "vi đê ô côn|video côn",
        "video": "vi đê ô|vi đi ô|vi déo|vi đeo|vi deo",
        "shopee": "sóp pi|sốp pi|shop pi|sho pee|xốp pi",
        "lazada": "la za đa|la da da|la gia đa",
        "viettel": "vít theo|viét teo|viêt teo|viết teo|viettel|việt teo|vít teo",
        "google": "gu gồ|gút gồ|gu gô|gúc gồ",
        "chplay": "ch play|play store|plây to|pờ lây|google play|xê hát plây|xê hát pờ lây",
        "appstore": "app store|áp to|áp sờ to",
        "hack": "hách|hắc cơ|hắc kơ",
    }.items()
    for variant in variants.split("|")
    if variant.strip() and variant.strip() != right
}

# A token before which 'tk' is a person ('tk con nhà tôi'), not an account.
PERSONS = _words("con cháu bé em út nhỏ kia đó này nào nớ tê hàng bạn anh")

# A token before which 'ck' is a husband ('ck em'), not a transfer.
SPOUSES = _words("e em tôi toi tui t chị chi mình minh cháu chau nó no bả")

# Units behind a number: '500k', '2 tr'. Elsewhere these letters mean other things.
UNITS = {
    "k": "nghìn",
    "ng": "nghìn",
    "tr": "triệu",
    "trieu": "triệu",
    "củ": "triệu",
    "d": "đồng",
    "đ": "đồng",
    "vnd": "đồng",
    "vnđ": "đồng",
    "dong": "đồng",
    "h": "giờ",
    "kg": "kg",
    "m": "m",
    "cc": "cc",
}

# Foreign words, names and abbreviations that look like Telex keystrokes or broken syllables.
KNOWN = _words(
    """
    access add address admin adds ads agribank alexa all ampe android antivirus apk apple as assess
    ass bar bass bella bees best big bit bitly blog bluetooth boot boss box bus call camera cap
    card care cart case cash cass cat center chat check chip chrome class click clip close code
    com combo copy cors covid cross css custom dark data date day deal delete desktop dns door
    download draw drive driver edge err error etax excel exit face facebook fake fax feed fees file
    fix flash flex follow for form format free game gas gmail google gov gps grab hacker hard has
    help home hot html http https ios ipad iphone is its java jpg jobs keys kids kiss laptop lazada
    less like line link list live livestream load loa lock login logo loss lost mac map mark mart
    mass master max mb mbbank media meet menu mess messenger mic microsoft mix mobifone mobile model
    modem momo money more music my napas net news nfc none note now ocop office offline online oppo
    order os otp out outlook over page pay paypal pc pdf per phishing pin pixel play plus point pos
    post power ppt pro program qr quiz radar ram reader realme redmi register relax report reset
    room router safari sacombank samsung sale save scan screen sdk see sell send server set sex
    share shop shopee shopeepay show sim skype slot smartphone smart sms soft sos spa spam spax
    speed ssd start status steps stop store style support swift system tab tax taxi team techcombank
    telegram telex test text tiki tiktok time tips top touch tour train trojan twitter ultra unlock
    update upload usb user vcb version viber video vietcombank viettel viettinbank view vinaphone
    vip virus visa vivo vna vneid vni voice vpbank vps vssid wave web webcam website wechat wifi win
    window windows word work world www xanh xanhsm xbox xem xeon xiaomi xls xml yahoo youtube zalo
    zalopay zip zoom ok otp qr cccd hack hacker bot robot chatbot ai gpt chatgpt crypto bitcoin
    forex coin token wallet mobi vtv vov ussd gprs esim email internet app etc seabank bidv hdbank
    wi chplay appstore ssid led tv fpt evn vnpt nes tex max pass vss vs mail
    """
)
