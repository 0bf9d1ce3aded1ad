using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Codecs;
using Temporalio.Client;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>Keys and certificates: who may read them, and until when they hold.</summary>
static class SecretChecks
{
    /// <summary>Time to renew a certificate in.</summary>
    static readonly TimeSpan RenewWithin = TimeSpan.FromDays(14);

    public static CheckResult Keys(LogWorkerOptions options, WorkerSettings settings)
    {
        if (options.EncryptionKeys.IsEmpty) return CheckResult.Skipped("Keys", "There are none: batches are not encrypted.");
        var found = $"'{options.EncryptionKeys.EncryptingId}' encrypts; {options.EncryptionKeys.Ids.Count} can be read with";
        return settings.Get(CodecVariables.KeysFile) is { } path && IsOpen(path)
            ? CheckResult.Warning("Keys", $"{found}. Every user of this machine may read {path}.",
                $"Take that right away: 'chmod o-rwx {path}'.")
            : CheckResult.Ok("Keys", found);
    }

    public static CheckResult Certificates(LogWorkerOptions options, TemporalClientConnectOptions connect, TimeProvider time)
    {
        var results = CertificatesOf(options, connect).Select(one => Judge(one.Of, one.Pem, time.GetUtcNow())).ToList();
        if (options.Web is { IsServed: true, Tls: { } pair }) results.Add(Pair(pair.Certificate, pair.Key));
        if (results.Count == 0) return CheckResult.Skipped("Certificates", "These settings name none.");
        // One line; the worst one's next step.
        var worst = results.OrderByDescending(result => result.HasFailed).ThenByDescending(result => result.State).First();
        return worst.State == CheckState.Ok
            ? CheckResult.Ok("Certificates", string.Join("; ", results.Select(result => result.Found).Where(found => found.Length > 0)))
            : worst;
    }

    static IEnumerable<(string Of, string Pem)> CertificatesOf(LogWorkerOptions options, TemporalClientConnectOptions connect)
    {
        if (connect.Tls?.ClientCert is { } client) yield return ("TEMPORAL_TLS_CLIENT_CERT", Encoding.UTF8.GetString(client));
        if (connect.Tls?.ServerRootCACert is { } authority)
            yield return ("TEMPORAL_TLS_SERVER_CA_CERT", Encoding.UTF8.GetString(authority));
        if (options.Web is { IsServed: true, Tls: { } web }) yield return ("LOG_HTTP_CERTIFICATE_FILE", File.ReadAllText(web.Certificate));
    }

    static CheckResult Judge(string of, string pem, DateTimeOffset now)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            var (from, until) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
            var it = $"{of} ({certificate.Subject})";
            var found = $"{it} is valid until {until.UtcDateTime:yyyy-MM-dd HH:mm}Z";
            if (until < now)
                return CheckResult.Failed("Certificates", $"{it} has expired on {until.UtcDateTime:yyyy-MM-dd HH:mm}Z.",
                    "Renew it, and restart the worker.");
            if (from > now)
                return CheckResult.Failed("Certificates", $"{it} is not valid before {from.UtcDateTime:yyyy-MM-dd HH:mm}Z.",
                    "Look at this machine's clock, or at the certificate.");
            return until - now < RenewWithin ? CheckResult.Warning("Certificates", $"{found}.", "Renew it before, and restart the worker.")
                : CheckResult.Ok("Certificates", found);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return CheckResult.Failed("Certificates", $"{of} holds no certificate: {e.Message.TrimEnd('.')}.", "Use a PEM file.");
        }
    }

    static CheckResult Pair(string certificate, string key)
    {
        try
        {
            using var pair = X509Certificate2.CreateFromPemFile(certificate, key);
            return IsOpen(key)
                ? CheckResult.Warning("Certificates", $"Every user of this machine may read the key in {key}.",
                    $"Take that right away: 'chmod o-rwx {key}'.")
                : CheckResult.Ok("Certificates", "");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return CheckResult.Failed("Certificates",
                $"The certificate in {certificate} and the key in {key} cannot be used together: {e.Message.TrimEnd('.')}.",
                "Set LOG_HTTP_CERTIFICATE_FILE and LOG_HTTP_KEY_FILE to PEM files that belong together.");
        }
    }

    static bool IsOpen(string path) =>
        !OperatingSystem.IsWindows()
        && (File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != UnixFileMode.None;
}
