using System.Text.RegularExpressions;
using LogPipeline.Workflows.Configuration;
using Temporalio.Client;
using Temporalio.Exceptions;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace LogPipeline.Workflows.Connecting;

/// <summary>
/// Why Temporal cannot be used, in one sentence: what was wrong, what was given, what would do.
/// A connect that fails is an <see cref="InvalidOperationException"/> without an inner one, whose text is the native
/// core's: the gRPC code, the certificate's fault and the system's error can be read from there alone.
/// </summary>
/// <param name="Fault">What kind of problem it is.</param>
/// <param name="Wrong">What was wrong, and what was given.</param>
/// <param name="Remedy">What would do.</param>
sealed partial record ConnectProblem(ConnectFault Fault, string Wrong, string Remedy)
{
    const int DetailLengthMax = 200;
    const int MatchMillisecondsMax = 1000;

    public string Sentence => $"{Wrong}; {Remedy}.";

    /// <summary>Waiting does not help: people must change something.</summary>
    public bool NeedsPeople =>
        Fault is ConnectFault.Denied or ConnectFault.NoNamespace or ConnectFault.Tls or ConnectFault.Configuration;

    public static ConnectProblem NoAnswer(string address, TimeSpan waited) => new(ConnectFault.Unreachable,
        $"Temporal at {address} did not answer within {OptionText.Duration(waited)}",
        "check TEMPORAL_ADDRESS, the network and whether it expects TLS (TEMPORAL_TLS)");

    /// <returns>Null: the exception is not about the connection.</returns>
    public static ConnectProblem? Of(Exception error, TemporalClientConnectOptions given)
    {
        var it = $"Temporal at {given.TargetHost}";
        return error switch
        {
            RpcException e => OfStatus(e.Code, e.Message, given),
            RpcTimeoutOrCanceledException or TimeoutException =>
                new(ConnectFault.Unreachable, $"{it} does not answer",
                    "check TEMPORAL_ADDRESS, the network and whether it expects TLS (TEMPORAL_TLS)"),
            ArgumentException e when e.Message.StartsWith("TargetHost", StringComparison.Ordinal) => BadAddress(given),
            InvalidOperationException e when e.Message.StartsWith("Invalid options", StringComparison.Ordinal) =>
                BadAddress(given),
            // With TLS 1.3 a server says what it thinks of a client's certificate only after the greeting.
            InvalidOperationException e when Alert().Match(e.Message) is { Success: true } alert =>
                new(ConnectFault.Tls,
                $"{it} ends the TLS greeting ({alert.Groups["alert"].Value})",
                "check the client certificate (TEMPORAL_TLS_CLIENT_*) and TEMPORAL_TLS_SERVER_NAME"),
            InvalidOperationException e when Status().Match(e.Message) is { Success: true } status
                && Enum.TryParse<Code>(status.Groups["code"].Value, out var code) =>
                OfStatus(code, IsSilence(e.Message) ? null : Unescaped(status.Groups["said"].Value), given),
            InvalidOperationException e when e.Message.StartsWith("Connection failed", StringComparison.Ordinal) =>
                OfTransport(e.Message, given),
            _ => null,
        };
    }

    static ConnectProblem OfStatus(Code code, string? said, TemporalClientConnectOptions given)
    {
        var it = $"Temporal at {given.TargetHost}";
        return code switch
        {
            _ when said is null => Of(new TimeoutException(), given)!,
            Code.ResourceExhausted => new(ConnectFault.SlowDown, $"{it} asks for less ({Detail(said)})",
                $"raise the limits of namespace '{given.Namespace}', or send less"),
            Code.Unauthenticated or Code.PermissionDenied => new(ConnectFault.Denied,
                $"{it} denies access ({Detail(said)})",
                "check TEMPORAL_API_KEY, the client certificate (TEMPORAL_TLS_CLIENT_*) and the rights on "
                + $"namespace '{given.Namespace}'"),
            Code.NotFound => new(ConnectFault.NoNamespace,
                $"{it} has no namespace '{given.Namespace}'",
                $"set TEMPORAL_NAMESPACE, or create it with 'temporal operator namespace create --namespace "
                + $"{given.Namespace}'"),
            Code.Unimplemented or Code.FailedPrecondition => new(ConnectFault.Denied,
                $"{it} does not do what it was asked ({Detail(said)})",
                "check that TEMPORAL_ADDRESS names a Temporal frontend, and its version"),
            // A server that waits for a TLS greeting hangs up on anything else; one that speaks no HTTP/2 answers with
            // what is none.
            Code.Unknown or Code.Unavailable or Code.Internal when IsHangUp(said)
                && !TemporalSettings.UsesTls(given) => new(
                ConnectFault.Unreachable,
                $"{it} closed the connection without an answer",
                "if it expects TLS, set TEMPORAL_TLS=true, else check that TEMPORAL_ADDRESS names a Temporal frontend"),
            Code.DeadlineExceeded or Code.Cancelled => Of(new TimeoutException(), given)!,
            _ => Unreachable(said, given),
        };
    }

    static ConnectProblem OfTransport(string text, TemporalClientConnectOptions given)
    {
        var it = $"Temporal at {given.TargetHost}";
        return text switch
        {
            _ when Has("dns error") =>
                new(ConnectFault.Unreachable, $"{it} cannot be reached (no host of that name is known)",
                "check TEMPORAL_ADDRESS and the name service"),
            _ when Has("InvalidCertificate(Expired") =>
                Certificate("has expired", "renew it there, and check this machine's clock"),
            _ when Has("InvalidCertificate(NotValidYet") =>
                Certificate("is not valid yet", "check the clocks of both machines"),
            _ when Has("InvalidCertificate(NotValidForName") =>
                Certificate($"is for another name{Presented(text)}",
                    "use the name in it, in TEMPORAL_ADDRESS or in TEMPORAL_TLS_SERVER_NAME"),
            _ when Has("InvalidCertificate(UnknownIssuer") =>
                Certificate("is signed by an authority that is not known here",
                    "set TEMPORAL_TLS_SERVER_CA_CERT_PATH to that authority's certificate"),
            // What 'openssl req -x509' makes without more is one.
            _ when Has("CaUsedAsEndEntity") =>
                Certificate("is an authority's own, which the client does not take for a server's",
                    "give the server one that the authority has signed"),
            _ when Has("InvalidCertificate(") =>
                Certificate($"is not trusted ({Detail(After(text, "InvalidCertificate("))})",
                    "set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of the authority that signed it"),
            _ when Has("InvalidMessage(") => new(ConnectFault.Tls,
                $"{it} does not speak TLS",
                "set TEMPORAL_TLS=false, or TEMPORAL_ADDRESS to one that does: "
                + "an API key and every TEMPORAL_TLS_* variable turn TLS on"),
            _ when Has("ParseError") => new(ConnectFault.Configuration,
                "The client certificate or its key cannot be read",
                "give both in PEM, in TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH"),
            _ when Has("Invalid headers") => new(ConnectFault.Configuration,
                $"A header cannot be sent ({Detail(After(text, "Invalid headers: "))})",
                "check the TEMPORAL_GRPC_META_* variables"),
            _ =>
                Unreachable(SystemError().Match(text) is { Success: true } system
                    ? system.Groups["said"].Value : text, given),
        };

        bool Has(string part) => text.Contains(part, StringComparison.Ordinal);

        ConnectProblem Certificate(string fault, string remedy) =>
            new(ConnectFault.Tls, $"The certificate of {it} {fault}", remedy);
    }

    static ConnectProblem Unreachable(string said, TemporalClientConnectOptions given) =>
        new(ConnectFault.Unreachable, $"Temporal at {given.TargetHost} cannot be reached ({Detail(said)})",
            "check TEMPORAL_ADDRESS and that the server runs");

    static ConnectProblem BadAddress(TemporalClientConnectOptions given) =>
        new(ConnectFault.Configuration, $"Temporal's address was '{ShownValue.Of("", given.TargetHost ?? "")}'",
            $"use HOST:PORT, such as {PipelineDefaults.TemporalAddress}");

    static bool IsHangUp(string said) =>
        said is "transport error" || said.EndsWith("http2 error", StringComparison.Ordinal);

    /// <summary>No answer came within the timeout of the core or of its pings.</summary>
    static bool IsSilence(string text) =>
        text.Contains("TimeoutExpired", StringComparison.Ordinal)
            || text.Contains("KeepAliveTimedOut", StringComparison.Ordinal);

    static string Presented(string text) =>
        PresentedName().Match(text) is { Success: true } name ? $" ({name.Groups["name"].Value})" : "";

    static string After(string text, string mark) =>
        text[(text.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].TrimEnd(')', '}', ' ');

    static string Unescaped(string text) => text.Replace("\\\"", "\"", StringComparison.Ordinal);

    /// <summary>A message of Temporal or the core, as part of a sentence.</summary>
    static string Detail(string said)
    {
        var line = said.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return line.Length > DetailLengthMax ? line[..DetailLengthMax] + "…" : line;
    }

    [GeneratedRegex("""Status \{ code: (?<code>\w+), message: "(?<said>(?:[^"\\]|\\.)*)".*""", RegexOptions.Singleline,
        MatchMillisecondsMax)]
    private static partial Regex Status();

    [GeneratedRegex("""(?:received fatal alert: |AlertReceived\()(?<alert>\w+)""", RegexOptions.None,
        MatchMillisecondsMax)]
    private static partial Regex Alert();

    [GeneratedRegex("""Os \{.*message: "(?<said>[^"]+)" \}""", RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex SystemError();

    [GeneratedRegex("""presented: \["(?:DnsName\(\\")?(?<name>[^"\\]+)""", RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex PresentedName();
}
