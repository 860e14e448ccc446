#include "stages/checks/formats.h"

namespace engine::stages {

namespace {

constexpr std::string_view kVinValid[] = {"1HGCM82633A004352", "1M8GDM9AXKP042788",
                                          "WVWZZZ1JZXW000001"};
constexpr std::string_view kVinInvalid[] = {"1HGCM82643A004352", "1HGCM82633A00435",
                                            "WVWZZZ1JZXW00000O", "1hgcm82633a004352"};
constexpr std::string_view kDtcValid[] = {"P0100", "B1A2F", "U3FFF", "P0171-1A", "C0035:F3"};
constexpr std::string_view kDtcInvalid[] = {"P4100", "X0100", "P010", "p0100", "P0100-1"};
constexpr std::string_view kUrlValid[] = {"https://example.org/a?b=c#d", "http://localhost:8080",
                                          "ftp://user@[2001:db8::1]/x",
                                          "https://b\u00fccher.example/"};
constexpr std::string_view kUrlInvalid[] = {"example.org", "https://", "https:///path",
                                            "https://exa mple.org", "http://a:99999/"};
constexpr std::string_view kEmailValid[] = {"a@b.co", "first.last+tag@mail.example.org"};
constexpr std::string_view kEmailInvalid[] = {"a@b",     "a.b.c",    ".a@b.co", "a..b@c.de",
                                              "a@-b.co", "a b@c.de", "a@b@c.de"};
constexpr std::string_view kUuidValid[] = {"0188d0f2-8c1a-7000-8000-00000000000f",
                                           "0188D0F2-8C1A-7000-8000-00000000000F"};
constexpr std::string_view kUuidInvalid[] = {"0188d0f28c1a7000800000000000000f",
                                             "0188d0f2-8c1a-7000-8000-00000000000g",
                                             "{0188d0f2-8c1a-7000-8000-00000000000f}"};
constexpr std::string_view kIsoValid[] = {"2024-02-29", "2024-01-31T08:00:00Z",
                                          "2024-01-31T08:00:00.123456789+02:00",
                                          "2024-01-31T08:00"};
constexpr std::string_view kIsoInvalid[] = {"2023-02-29", "31.01.2024", "2024-01-31 08:00:00",
                                            "2024-01-31T25:00:00Z"};
constexpr std::string_view kE164Valid[] = {"+4930901820", "+12025550123"};
constexpr std::string_view kE164Invalid[] = {"030901820", "+0301234", "+49 30 901820",
                                             "+1234567890123456"};

constexpr BuiltinFormat kFormats[] = {
    {"vin",
     "A vehicle identification number: 17 capital letters and digits without I, O and Q (ISO "
     "3779). "
     "Its check digit (49 CFR 565) is held where it applies: numbers that begin with 1 to 5, the "
     "vehicles of North America.",
     is_vin, kVinValid, kVinInvalid},
    {"dtc",
     "A diagnostic trouble code of five characters (SAE J2012): P, B, C or U, a digit 0 to 3, "
     "three "
     "hexadecimal digits in capitals; a failure type of two more may follow after '-' or ':'.",
     is_dtc, kDtcValid, kDtcInvalid},
    {"url",
     "An absolute address: scheme, '://', a host, and what may follow; no spaces, no control "
     "characters.",
     is_url, kUrlValid, kUrlInvalid},
    {"email",
     "An e-mail address as people have them: a local part without quotes, '@', a domain of at "
     "least "
     "two labels.",
     is_email, kEmailValid, kEmailInvalid},
    {"uuid", "A UUID of any version: 8-4-4-4-12 hexadecimal digits of either case.", is_uuid,
     kUuidValid, kUuidInvalid},
    {"iso8601",
     "A calendar date, or a date and time joined by 'T' with seconds, fraction and offset as far "
     "as "
     "given (ISO 8601, extended form).",
     is_iso8601, kIsoValid, kIsoInvalid},
    {"e164", "A telephone number as in E.164: '+', then 2 to 15 digits, the first one not 0.",
     is_e164, kE164Valid, kE164Invalid},
};

}  // namespace

std::span<const BuiltinFormat> builtin_formats() {
  return kFormats;
}

const BuiltinFormat* find_builtin_format(std::string_view name) {
  for (const BuiltinFormat& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

}  // namespace engine::stages
