using LogPipeline.Publisher;
using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Tests.Publisher;

/// <summary>Each beginning, name and range that redaction knows, and what lies just outside of it.</summary>
public sealed class RedactionBoundsTests
{
    static readonly Redactor All = new(RedactionScope.All, [], null, null);
    static readonly Redactor Formats = new(RedactionScope.Formats, [], null, null);
    static readonly Redactor NamesOnly = new(RedactionScope.Names, [], null, null);

    static string After(string text) => All.Replacement("v", text) ?? text;

    [Theory]
    [InlineData("AIza", 35)]
    [InlineData("ya29.", 20)]
    [InlineData("GOCSPX-", 20)]
    [InlineData("ghp_", 30)]
    [InlineData("gho_", 30)]
    [InlineData("ghu_", 30)]
    [InlineData("ghs_", 30)]
    [InlineData("ghr_", 30)]
    [InlineData("github_pat_", 30)]
    [InlineData("glpat-", 20)]
    [InlineData("xoxb-", 20)]
    [InlineData("xoxp-", 20)]
    [InlineData("xoxa-", 20)]
    [InlineData("xoxr-", 20)]
    [InlineData("xoxs-", 20)]
    [InlineData("xapp-", 20)]
    [InlineData("sk_live_", 16)]
    [InlineData("rk_live_", 16)]
    [InlineData("sk-ant-", 20)]
    [InlineData("sk-proj-", 40)]
    [InlineData("npm_", 36)]
    [InlineData("pypi-AgE", 40)]
    [InlineData("SG.", 40)]
    [InlineData("hvs.", 20)]
    [InlineData("dop_v1_", 40)]
    [InlineData("shpat_", 30)]
    public void ATokenOfAServiceIsKnownByItsBeginningAndLength(string begin, int restMin)
    {
        var rest = new string('a', restMin - 1) + "0";
        After($"see {begin}{rest} there").ShouldBe("see [redacted] there");
        After($"see {begin}a{rest}.").ShouldBe("see [redacted].");
        foreach (var harmless in (string[])[$"{begin}{rest[1..]}", $"seen{begin}{rest}", $"{begin}{new string('a', restMin)}"])
            After($"see {harmless} there").ShouldBe($"see {harmless} there");
    }

    [Theory]
    [InlineData("ghp_")]
    [InlineData("npm_")]
    [InlineData("sk_live_")]
    public void ATokenOfLettersAndDigitsAloneHasNoOtherSigns(string begin)
    {
        var name = $"{begin}{new string('a', 50)}0_config";
        After($"see {name} there").ShouldBe($"see {name} there");
    }

    [Theory]
    [InlineData("Bearer abcdefghijklmno1 x", "Bearer [redacted] x")]
    [InlineData("BEARER abcdefghijklmno1", "BEARER [redacted]")]
    [InlineData("with a BEARER abcdefghijklmno1 in it", "with a BEARER [redacted] in it")]
    [InlineData("Bearer abcdefghijklmn1 is short", "Bearer abcdefghijklmn1 is short")]
    [InlineData("Bearer abcdefghijklmnopqrstuvwxyz", "Bearer abcdefghijklmnopqrstuvwxyz")]
    [InlineData("Bearer /abcdefghijklmno1", "Bearer /abcdefghijklmno1")]
    [InlineData("Bearer abcdefghijklmno1==, x", "Bearer [redacted], x")]
    [InlineData("Bearer abcdefghijklmno1=\"x\"", "Bearer abcdefghijklmno1=\"x\"")]
    [InlineData("Authorization: Bearer abcdefg1", "Authorization: Bearer [redacted]")]
    [InlineData("Authorization: Bearer abcdef1", "Authorization: Bearer abcdef1")]
    [InlineData("'authorization': 'bearer abcdefghijklmnop'", "'authorization': 'bearer [redacted]'")]
    [InlineData("Authorization: Bearer abcdefghijklmno", "Authorization: Bearer abcdefghijklmno")]
    [InlineData("Authorization: Basic dTpw", "Authorization: Basic [redacted]")]
    [InlineData("BASIC dTpw", "BASIC dTpw")]
    [InlineData("BASIC dXNlcjpw", "BASIC [redacted]")]
    [InlineData("with basic dXNlcjpw in it", "with basic [redacted] in it")]
    [InlineData("with Basic YWJjZGVm in it", "with Basic YWJjZGVm in it")]
    [InlineData("a Basic dXNlcjp is no base64", "a Basic dXNlcjp is no base64")]
    [InlineData("unBasic dXNlcjpw it is not", "unBasic dXNlcjpw it is not")]
    public void WhatFollowsBearerAndBasicIsJudgedByItsForm(string text, string expected) =>
        (Formats.Replacement("v", text) ?? text).ShouldBe(expected);

    [Fact]
    public void CredentialsTooLongToBeLookedAtAreHidden()
    {
        After("Basic " + new string('a', 516)).ShouldBe("Basic [redacted]");
        After("Basic " + new string('a', 512)).ShouldBe("Basic " + new string('a', 512));
    }

    [Theory]
    [InlineData("a eyJhbGci.eyJzdWIi b", "a [redacted] b")]
    [InlineData("a eyJhbGc.eyJzdWIi bc", "a eyJhbGc.eyJzdWIi bc")]
    [InlineData("a eyJhbGci.eyJzdWI bc", "a eyJhbGci.eyJzdWI bc")]
    [InlineData("a eyJhbGci.eyJzdWIi.sig b", "a [redacted] b")]
    [InlineData("a eyJhbGci.eyJzdWIi.iv.text.tag b", "a [redacted] b")]
    [InlineData("a eyJhbGciOiJIUzI1Ni eyJhbGci.eyJzdWIi", "a eyJhbGciOiJIUzI1Ni [redacted]")]
    public void AJwtHasTwoPartsOfEightCharactersAtLeast(string text, string expected) => After(text).ShouldBe(expected);

    [Theory]
    [InlineData("a #BEGIN K#x#END K# b", "a #BEGIN K#[redacted]#END K# b")]
    [InlineData("a #BEGIN K# x y #END K# b", "a #BEGIN K# [redacted] #END K# b")]
    [InlineData("a #BEGIN K#\nx\ny=\n#END K#\nb", "a #BEGIN K#\n[redacted]\n[redacted]\n#END K#\nb")]
    [InlineData("a #BEGIN K#\\nx\\ny=\\n#END K#\\nb", "a #BEGIN K#\\n[redacted]\\n[redacted]\\n#END K#\\nb")]
    [InlineData("#BEGIN K#\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,00\n\nx\n#END K#",
        "#BEGIN K#\n[redacted]\n[redacted]\n\n[redacted]\n#END K#")]
    [InlineData("a #BEGIN K#x b", "a #BEGIN K#[redacted] b")]
    [InlineData("a #BEGIN K#\nx\nand more, then", "a #BEGIN K#\n[redacted]\nand more, then")]
    [InlineData("a #BEGIN K#\"x\"", "a #BEGIN K#\"x\"")]
    [InlineData("a #BEGIN PUBLIC KEY#x#END PUBLIC KEY# b", "a #BEGIN PUBLIC KEY#x#END PUBLIC KEY# b")]
    [InlineData("a #BEGIN K", "a #BEGIN K")]
    public void OfAPrivateKeyTheLinesAreReplacedOneByOne(string text, string expected)
    {
        static string Whole(string text) =>
            text.Replace("#", "-----").Replace("BEGIN K", "BEGIN PRIVATE KEY").Replace("END K", "END PRIVATE KEY");
        After(Whole(text)).ShouldBe(Whole(expected));
    }

    [Fact]
    public void OfAPrivateKeyWithoutItsEndFullLinesAreReplaced()
    {
        var line = new string('a', 40);
        After($"-----BEGIN PRIVATE KEY-----\n{line}\n{line}\n{line[1..]}\n{line}")
            .ShouldBe($"-----BEGIN PRIVATE KEY-----\n[redacted]\n[redacted]\n{line[1..]}\n{line}");
    }

    const string AwsId = "AKIAIOSFODNN7EXAMPLE";
    const string AwsSecret = "wJalrXUtnFEMIxK7MDENGxbPxRfiCYq7ZxK2mVb9";

    [Fact]
    public void AnAwsIdHasSixteenCharactersBehindItsBeginning()
    {
        After($"a {AwsId} b").ShouldBe("a [redacted] b");
        After($"a {AwsId}X b").ShouldBe($"a {AwsId}X b");
        After($"a {AwsId}x b").ShouldBe($"a {AwsId}x b");
        After($"a {AwsId[..^1]} b").ShouldBe($"a {AwsId[..^1]} b");
    }

    [Fact]
    public void AnAwsSecretHasFortyCharactersAndStandsNearItsId()
    {
        After($"{AwsId} {AwsSecret} b").ShouldBe("[redacted] [redacted] b");
        After($"{AwsId} sk={AwsSecret} b").ShouldBe("[redacted] sk=[redacted] b");
        After($"{AwsId} {AwsSecret.ToLowerInvariant()} b").ShouldBe($"[redacted] {AwsSecret.ToLowerInvariant()} b");
        After($"{AwsId} {AwsSecret}x b").ShouldBe($"[redacted] {AwsSecret}x b");
        After($"{AwsId} {AwsSecret[..^1]} b").ShouldBe($"[redacted] {AwsSecret[..^1]} b");
        After($"{AwsId}{new string(' ', 255)}{AwsSecret} b").ShouldBe($"[redacted]{new string(' ', 255)}[redacted] b");
        After($"{AwsId}{new string(' ', 256)}{AwsSecret} b").ShouldBe($"[redacted]{new string(' ', 256)}{AwsSecret} b");
    }

    /// <summary>A number of this length that begins so and passes the Luhn check.</summary>
    static string Number(int four, int length)
    {
        var digits = $"{four:d4}".PadRight(length - 1, '0');
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[digits.Length - 1 - i] - '0';
            if (i % 2 == 0) digit = digit * 2 / 10 + digit * 2 % 10;
            sum += digit;
        }
        return digits + (10 - sum % 10) % 10;
    }

    [Theory]
    [InlineData(14, 3000, 3059)]
    [InlineData(14, 3600, 3699)]
    [InlineData(14, 3800, 3999)]
    [InlineData(15, 3400, 3499)]
    [InlineData(15, 3700, 3799)]
    [InlineData(16, 2221, 2720)]
    [InlineData(16, 3528, 3589)]
    [InlineData(16, 4000, 4999)]
    [InlineData(16, 5100, 5599)]
    [InlineData(16, 6011, 6011)]
    [InlineData(16, 6200, 6299)]
    [InlineData(16, 6440, 6599)]
    [InlineData(17, 6200, 6299)]
    [InlineData(18, 6200, 6299)]
    [InlineData(19, 6200, 6299)]
    public void ACardsNumberBeginsAsItsIssuersDo(int length, int first, int last)
    {
        foreach (var four in (int[])[first, last])
        {
            After($"card {Number(four, length)}").ShouldBe("card [redacted]");
            All.IsSecret(ulong.Parse(Number(four, length), CultureInfo.InvariantCulture)).ShouldBeTrue();
        }
        foreach (var four in (int[])[first - 1, last + 1])
        {
            After($"card {Number(four, length)}").ShouldBe($"card {Number(four, length)}");
            All.IsSecret(ulong.Parse(Number(four, length), CultureInfo.InvariantCulture)).ShouldBeFalse();
        }
    }

    [Fact]
    public void EveryOtherLastDigitFailsTheCheck()
    {
        var number = Number(4111, 16);
        for (var digit = '0'; digit <= '9'; digit++)
            (After($"card {number[..^1]}{digit}") == "card [redacted]").ShouldBe(digit == number[^1], $"{digit}");
    }

    [Theory]
    [InlineData("4111111111111111", "[redacted]")]
    [InlineData("4111111111111111.", "[redacted].")]
    [InlineData("4111111111111111 2 3", "[redacted] 2 3")]
    [InlineData("4111111111111111-", "[redacted]-")]
    [InlineData("id-4111111111111111", "id-[redacted]")]
    [InlineData("-4111111111111111", "-4111111111111111")]
    [InlineData("a -4111111111111111", "a -4111111111111111")]
    [InlineData("x4111111111111111", "x4111111111111111")]
    [InlineData("_4111111111111111", "_4111111111111111")]
    [InlineData("0.4111111111111111", "0.4111111111111111")]
    [InlineData("4111111111111111x", "4111111111111111x")]
    [InlineData("4111111111111111_", "4111111111111111_")]
    [InlineData("411 1111 1111 11111", "[redacted]")]
    [InlineData("41 11 11 11 11 11 11 11", "41 11 11 11 11 11 11 11")]
    [InlineData("4111 1111 1111 11 11", "4111 1111 1111 11 11")]
    [InlineData("4111  1111 1111 1111", "4111  1111 1111 1111")]
    [InlineData("4111/1111/1111/1111", "4111/1111/1111/1111")]
    public void ACardsNumberStandsAloneOrInGroups(string text, string expected) => After(text).ShouldBe(expected);

    [Fact]
    public void OfTwoCardsThatBeginAtOnePlaceTheLongerOneIsTaken()
    {
        // 16 digits that are a card's, and with three more another's.
        var shorter = Number(6200, 16);
        var longer = Enumerable.Range(0, 1000).Select(rest => $"{shorter} {rest:d3}")
            .First(text => CardNumbers.IsCard([.. text.Where(char.IsAsciiDigit).Select(c => (byte)(c - '0'))]));
        After($"card {longer}!").ShouldBe("card [redacted]!");
    }

    [Fact]
    public void ANumberOfAnyKindCanBeACards()
    {
        All.IsSecret(4111111111111111L).ShouldBeTrue();
        All.IsSecret(-4111111111111111L).ShouldBeFalse();
        All.IsSecret(0L).ShouldBeFalse();
        All.IsSecret(4111111111111111.25m).ShouldBeTrue();
        All.IsSecret(-4111111111111111m).ShouldBeFalse();
        All.IsSecret(decimal.MaxValue).ShouldBeFalse();
        All.IsSecret(ulong.MaxValue).ShouldBeFalse();
        NamesOnly.IsSecret(4111111111111111L).ShouldBeFalse();
    }

    [Theory]
    [InlineData("password")]
    [InlineData("passwd")]
    [InlineData("passphrase")]
    [InlineData("passcode")]
    [InlineData("pwd")]
    [InlineData("secret")]
    [InlineData("secretid")]
    [InlineData("token")]
    [InlineData("apikey")]
    [InlineData("accesskey")]
    [InlineData("privatekey")]
    [InlineData("secretkey")]
    [InlineData("accountkey")]
    [InlineData("sharedkey")]
    [InlineData("signingkey")]
    [InlineData("encryptionkey")]
    [InlineData("masterkey")]
    [InlineData("storagekey")]
    [InlineData("authorization")]
    [InlineData("authkey")]
    [InlineData("credential")]
    [InlineData("cookie")]
    [InlineData("jwt")]
    [InlineData("bearer")]
    [InlineData("connectionstring")]
    [InlineData("connstring")]
    [InlineData("sharedaccesssignature")]
    [InlineData("cvv")]
    [InlineData("cvc")]
    [InlineData("ssn")]
    [InlineData("otp")]
    [InlineData("cardnumber")]
    [InlineData("creditcard")]
    public void EachNameOfASecretIsKnown(string name)
    {
        var expected = Hard.Contains(name) ? Secrecy.All : Secrecy.Texts;
        NamesOnly.OfName(name).ShouldBe(expected);
        NamesOnly.OfName(name.ToUpperInvariant()).ShouldBe(expected);
        NamesOnly.OfName($"my_{name}7").ShouldBe(expected);
        NamesOnly.OfName($"{name}s").ShouldBe(name is "secret" or "token" ? Secrecy.None : Secrecy.Texts);
        NamesOnly.OfName($"has_{name}").ShouldBe(Secrecy.None);
        NamesOnly.OfName($"{name}_used_here").ShouldBe(Secrecy.None);
        NamesOnly.OfName($"{name}_hash").ShouldBe(Secrecy.Texts);
    }

    static readonly string[] Hard = ["password", "passwd", "passphrase", "passcode", "pwd", "cvv", "cvc", "ssn", "otp", "cardnumber",
        "creditcard"];

    [Theory]
    [InlineData("pin", "All")]
    [InlineData("PinCode", "All")]
    [InlineData("GpioPin", "None")]
    [InlineData("access_tokens", "Texts")]
    [InlineData("RefreshTokens", "Texts")]
    [InlineData("stop_tokens", "None")]
    [InlineData("max_tokens", "None")]
    [InlineData("imagePullSecrets", "None")]
    [InlineData("PasswordHasher", "None")]
    [InlineData("PasswordHasher.cs", "None")]
    [InlineData("tokenizer", "None")]
    [InlineData("NewPasswordConfirmation", "Texts")]
    [InlineData("OldPassword", "All")]
    [InlineData("requiresPassword", "None")]
    public void TheLastWordsOfANameDecide(string name, string expected) => NamesOnly.OfName(name).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("shared_access_signature")]
    [InlineData("SharedAccessSignature")]
    [InlineData("API_KEY")]
    [InlineData("dbApiKey")]
    [InlineData("card-number")]
    public void ANameOfSeveralWordsIsKnownInEveryWriting(string name) => NamesOnly.OfName(name).ShouldNotBe(Secrecy.None);

    [Fact]
    public void WhatOnlySpeaksAboutASecretIsNone()
    {
        const string words =
            "length count size type kind id name names expiry expires expired expiration age policy url uri endpoint provider source "
            + "status state "
            + "required enabled valid version at date time ttl lifetime timeout limit usage used position issuer audience format "
            + "algorithm scheme rotation path file";
        foreach (var word in words.Split(' ')) NamesOnly.OfName($"access_token_{word}").ShouldBe(Secrecy.None, word);
        foreach (var word in (string[])["cancellation", "continuation", "concurrency", "page", "next"])
        {
            NamesOnly.OfName($"{word}_token").ShouldBe(Secrecy.None, word);
            NamesOnly.OfName($"the_{word}_token").ShouldBe(Secrecy.None, word);
            NamesOnly.OfName($"{word}_user_token").ShouldBe(Secrecy.Texts, word);
        }
    }

    [Theory]
    [InlineData("userpassword", "All")]
    [InlineData("dbpwd", "All")]
    [InlineData("authtokens", "Texts")]
    [InlineData("laptop_otp", "All")]
    [InlineData("laptotp", "None")]
    [InlineData("s", "None")]
    [InlineData("", "None")]
    [InlineData("12345", "None")]
    [InlineData("tokenless", "None")]
    public void ALongTermIsKnownAtTheEndOfAWordAndAShortOneIsNot(string name, string expected) =>
        NamesOnly.OfName(name).ToString().ShouldBe(expected);

    [Fact]
    public void OfALongNameTheEndIsRead()
    {
        NamesOnly.OfName(string.Concat(Enumerable.Repeat("a_", 200)) + "password").ShouldBe(Secrecy.All);
        NamesOnly.OfName(string.Concat(Enumerable.Repeat("ab_", 20)) + "password").ShouldBe(Secrecy.All);
        NamesOnly.OfName("password_hash" + new string('x', 128)).ShouldBe(Secrecy.None);
    }

    [Theory]
    [InlineData("pwd=a", "pwd=[redacted]")]
    [InlineData("x pwd   = abc y", "x pwd   = [redacted] y")]
    [InlineData("x pwd    = abc y", "x pwd    = abc y")]
    [InlineData("pwd=\tabc", "pwd=\t[redacted]")]
    [InlineData("pwd==abc", "pwd==abc")]
    [InlineData("pwd=>abc", "pwd=>[redacted]")]
    [InlineData("pwd=", "pwd=")]
    [InlineData("pwd = ", "pwd = ")]
    [InlineData("https://a/?sig=abc&b=c", "https://a/?sig=[redacted]&b=c")]
    [InlineData("https://a/?SIG=abc&b=c", "https://a/?SIG=[redacted]&b=c")]
    [InlineData("code=0 sig=9", "code=0 sig=9")]
    [InlineData("signal=abc", "signal=abc")]
    [InlineData("a Shared Access Key=abc; b", "a Shared Access Key=[redacted]; b")]
    [InlineData("Account Key=abc", "Account Key=[redacted]")]
    [InlineData("pwd='it''s me' x", "pwd='[redacted]' x")]
    [InlineData("pwd='it\\'s me' x", "pwd='[redacted]' x")]
    [InlineData("pwd='it\\'' x", "pwd='[redacted]' x")]
    [InlineData("pwd='it'''", "pwd='[redacted]'")]
    [InlineData("pwd = Set-Cookie: abc", "pwd = Set-Cookie: [redacted]")]
    [InlineData("pwd=\"a\"", "pwd=\"[redacted]\"")]
    [InlineData("pwd=\\\"a b\\\" c", "pwd=\\\"[redacted]\\\" c")]
    [InlineData("pwd=\"a b", "pwd=\"[redacted]")]
    [InlineData("pwd=a b c;user=x", "pwd=[redacted];user=x")]
    [InlineData("pwd=a b user=x;", "pwd=[redacted] b user=x;")]
    [InlineData("pwd=a b", "pwd=[redacted] b")]
    [InlineData("pwd=a,b", "pwd=[redacted],b")]
    public void AValueBehindEqualsIsReplacedAsFarAsItGoes(string text, string expected) => After(text).ShouldBe(expected);

    [Theory]
    [InlineData("password: abc def", "password: abc def")]
    [InlineData("password: abc1 def", "password: [redacted] def")]
    [InlineData("password: abc", "password: [redacted]")]
    [InlineData("db_pwd: abc! def", "db_pwd: [redacted] def")]
    [InlineData("password: 'abc' def", "password: '[redacted]' def")]
    [InlineData("the token: abc def", "the token: abc def")]
    [InlineData("secret: santa", "secret: santa")]
    [InlineData("password:", "password:")]
    [InlineData("Authorization: abc def\nnext", "Authorization: [redacted]\nnext")]
    [InlineData("Proxy-Authorization: abc def", "Proxy-Authorization: [redacted]")]
    [InlineData("Cookie: a b", "Cookie: [redacted]")]
    [InlineData("X-Auth-Token: abc def", "X-Auth-Token: [redacted]")]
    [InlineData("X-Client-Secret: abc def", "X-Client-Secret: [redacted]")]
    [InlineData("X-Api-Key: abc def", "X-Api-Key: [redacted]")]
    [InlineData("\"token\": \"abc\", 1", "\"token\": \"[redacted]\", 1")]
    [InlineData("\"token\": 12, 1", "\"token\": 12, 1")]
    [InlineData("\\\"token\\\": \\\"a b\\\", 1", "\\\"token\\\": \\\"[redacted]\\\", 1")]
    [InlineData("'Cookie': 'a', 1", "'Cookie': '[redacted]', 1")]
    public void AValueBehindAColonIsReplacedAsFarAsItGoes(string text, string expected) => After(text).ShouldBe(expected);

    [Theory]
    [InlineData("<Password>abc</Password>", "<Password>[redacted]</Password>")]
    [InlineData("<s:Password>abc</s:Password>", "<s:Password>[redacted]</s:Password>")]
    [InlineData("<Password>abc", "<Password>abc")]
    [InlineData("<Password>abc</User>", "<Password>abc</User>")]
    [InlineData("<Password a=\"b\">abc\ndef</Password>", "<Password a=\"b\">[redacted]\n[redacted]</Password>")]
    [InlineData("<Password><b>abc</b></Password>", "<Password><b>abc</b></Password>")]
    [InlineData("List<Password>abc</Password>", "List<Password>[redacted]</Password>")]
    [InlineData("</Password>abc", "</Password>abc")]
    [InlineData("password>abc def", "password>abc def")]
    [InlineData("<User>abc</User>", "<User>abc</User>")]
    public void AValueBehindATagIsReplacedAsFarAsItGoes(string text, string expected) => After(text).ShouldBe(expected);

    [Theory]
    [InlineData("db://user:abc@host", "db://user:[redacted]@host")]
    [InlineData("db://:abc@host", "db://:[redacted]@host")]
    [InlineData("https://abcdefghijklmnopqrs1@host", "https://[redacted]@host")]
    [InlineData("https://abcdefghijklmnopqr1@host", "https://abcdefghijklmnopqr1@host")]
    [InlineData("https://abcdefghijklmnopqrst@host", "https://abcdefghijklmnopqrst@host")]
    [InlineData("db://abcdefghijklmnopqrs1@host", "db://abcdefghijklmnopqrs1@host")]
    [InlineData("db://user:p@ss:w0rd@host:5432/x?y=z@1", "db://user:[redacted]@host:5432/x?y=z@1")]
    [InlineData("db://user:abc@[::1]:80", "db://user:[redacted]@[::1]:80")]
    [InlineData("db://{User}:{Password}@host", "db://{User}:{Password}@host")]
    [InlineData("db://user:%s@host, db://user:${PW}@host", "db://user:%s@host, db://user:${PW}@host")]
    [InlineData("db://user:abc@", "db://user:abc@")]
    [InlineData("db://host:80,other@host", "db://host:80,other@host")]
    [InlineData("(db://user:abc@host)", "(db://user:[redacted]@host)")]
    [InlineData("db://host/a:b@c", "db://host/a:b@c")]
    [InlineData("db://host:80", "db://host:80")]
    public void APasswordInAnAddressIsReplaced(string text, string expected) => After(text).ShouldBe(expected);

    [Theory]
    [InlineData("null")]
    [InlineData("none")]
    [InlineData("true")]
    [InlineData("FALSE")]
    [InlineData("undefined")]
    [InlineData("****")]
    public void AWordThatSaysThatThereIsNoSecretStays(string word)
    {
        After($"password={word}").ShouldBe($"password={word}");
        After($"password={word}x").ShouldBe("password=[redacted]");
    }

    [Fact]
    public void WhatMeetsOrOverlapsBecomesOneMarker()
    {
        After("Authorization: Bearer eyJhbGci.eyJzdWIi.abcdefg1").ShouldBe("Authorization: [redacted]");
        var hits = new Hits();
        hits.Add(3, 3);
        hits.Any.ShouldBeFalse();
        hits.Cover(0).ShouldBeFalse();
        hits.ReplaceIn("abcdefgh").ShouldBe("abcdefgh");
        hits.Add(4, 6);
        hits.Add(0, 2);
        hits.Add(2, 3);
        hits.Add(4, 5);
        hits.ReplaceIn("abcdefgh").ShouldBe("[redacted]d[redacted]gh");
        hits.Cover(4).ShouldBeTrue();
        hits.Cover(5).ShouldBeTrue();
        hits.Cover(6).ShouldBeFalse();
        hits.Cover(3).ShouldBeFalse();
    }

    [Fact]
    public void AHookIsAskedAboutShortTextsToo()
    {
        var redactor = new Redactor(RedactionScope.All, [], null, (_, text) => text == "Bob" ? null : text);
        redactor.Replacement("v", "Bob").ShouldBe("[redacted]");
        redactor.Replacement("v", "Eve").ShouldBeNull();
        redactor.Replacement("v", "pwd=abc").ShouldBe("pwd=[redacted]");
    }

    [Fact]
    public void APatternIsLookedForInShortTextsToo() =>
        new Redactor(RedactionScope.All, [], new System.Text.RegularExpressions.Regex("Bob"), null).Replacement("v", "Bob")
            .ShouldBe("[redacted]");

    [Fact]
    public void WhatTwoTextsSayOfTheValueBetweenThemHoldsForItAlone()
    {
        All.OfValueBetween("password=", "").ShouldBe(Secrecy.All);
        All.OfValueBetween("password=x ", "").ShouldBe(Secrecy.None);
        All.OfValueBetween("", " password=x").ShouldBe(Secrecy.None);
        NamesOnly.OfValueBetween("password=", "").ShouldBe(Secrecy.None);
    }

    [Fact]
    public void ARedactorTellsWhatItNeeds()
    {
        var pattern = new System.Text.RegularExpressions.Regex("a");
        Redactor[] each =
        [
            All, NamesOnly, new(RedactionScope.Names, [], pattern, null),
            new(RedactionScope.Names, [], null, (_, text) => text), new(RedactionScope.Off, [], pattern, (_, text) => text),
        ];
        each.Select(redactor => redactor.ReadsTexts).ShouldBe([true, false, true, true, false]);
        each.Select(redactor => redactor.ReadsValuesOfMessages).ShouldBe([false, false, true, true, false]);
        each.Select(redactor => redactor.HasHook).ShouldBe([false, false, false, true, false]);
    }
}
