using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TemporalDevServer.Engine;

namespace TemporalDevServer;

/// <summary>Checks all options at once, before anything is opened.</summary>
static class DevServerOptionsCheck
{
    /// <summary>The certificate, followed by its chain; null without TLS.</summary>
    /// <exception cref="DevServerOptionsException">An option is invalid.</exception>
    public static X509Certificate2Collection? Check(DevServerOptions options)
    {
        var errors = new List<string>();
        X509Certificate2Collection? certificate = null;
        if (options.Port is < 0 or > IPEndPoint.MaxPort)
            errors.Add(
                $"The port was {options.Port}; one from 1 to {IPEndPoint.MaxPort} will do, or 0 for a free one.");
        foreach (var name in options.Namespaces)
            if (string.IsNullOrWhiteSpace(name) || name.Length > Limits.IdMax)
                errors.Add($"The namespace was '{name}'; a name of 1 to {Limits.IdMax} characters will do.");
        foreach (var (name, type) in options.SearchAttributes)
            if (!Enum.TryParse<IndexedValueType>(type, ignoreCase: true, out var known)
                || known == IndexedValueType.Unspecified
                || !Enum.IsDefined(known)
                || char.IsDigit(type[0]))
                errors.Add(
                    $"The search attribute {name} was of type '{type}'; Text, Keyword, Int, Double, Bool, Datetime "
                    + "or KeywordList will do.");
        if (options.ApiKey is { } key && (key.Length == 0 || key.Any(c => c is <= ' ' or > '~')))
            errors.Add(
                "The API key was empty or held characters that no header carries; printable ASCII without spaces "
                + "will do.");
        if ((options.TlsCertificateFile is null) != (options.TlsKeyFile is null))
            errors.Add(
                $"TLS needs a certificate and its key; only the {(options.TlsKeyFile is null ? "certificate" : "key")} "
                + "was given.");
        else if (options.TlsCertificateFile is not null)
            certificate = Load(options.TlsCertificateFile, options.TlsKeyFile!, errors);
        if (!IPAddress.IsLoopback(options.Ip) && (options.TlsCertificateFile is null || options.ApiKey is null))
            errors.Add(
                $"The address was {options.Ip}, which others reach: it needs TLS (certificate and key) and an API "
                + "key; 127.0.0.1 needs neither.");
        return errors.Count == 0 ? certificate : throw new DevServerOptionsException(errors);
    }

    static X509Certificate2Collection? Load(string certificateFile, string keyFile, List<string> errors)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            if (chain.Count > 0) chain.RemoveAt(0);
            chain.Insert(0, X509Certificate2.CreateFromPemFile(certificateFile, keyFile));
            return chain;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException
            or CryptographicException or ArgumentException)
        {
            errors.Add($"The certificate {certificateFile} with the key {keyFile} cannot be used: {e.Message}");
            return null;
        }
    }
}
