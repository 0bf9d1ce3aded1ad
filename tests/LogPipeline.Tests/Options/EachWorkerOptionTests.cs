using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Hosting;

namespace LogPipeline.Tests.Options;

/// <summary>
/// Each option, told alone in <c>logworker.json</c> or by its variable, changes what the worker runs with in the place that the row
/// names and nowhere else. The variable wins over the file, and an empty one does not.
/// </summary>
[Collection(ProcessEnvironment.Collection)]
public sealed class EachWorkerOptionTests : IDisposable
{
    const string Key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const string Codec = "DataConverter=encrypts";
    const string On = "Files.Retention.IsOn=True";

    /// <summary>What holds where there is a Loki and nothing else is told.</summary>
    static readonly string[] LokiDefaults =
    [
        "Loki.Tenant=", "Loki.Authorization=", "Loki.Labels=channel,level,service_name,source", "Loki.Timeout=00:00:10",
        "Loki.LineBytesMax=262144", "Loki.Concurrency=8", "Loki.GiveUpAfter=7.00:00:00", "Loki.PushBytesMax=1048576",
    ];

    static readonly Row[] Rows =
    [
        new("directory", ("file", ["Directory=file"]), ("other", ["Directory=other"])),
        new("temporal.address", ("file:1", ["Address=file:1", "TargetHost=file:1"]),
            ("other:2", ["Address=other:2", "TargetHost=other:2"])),
        new("temporal.namespace", ("file", ["Namespace=file", "ClientNamespace=file"]),
            ("other", ["Namespace=other", "ClientNamespace=other"])),
        new("temporal.taskQueue", ("file", ["TaskQueue=file"]), ("other", ["TaskQueue=other"])),
        new("level", ("Debug", ["Level=Debug"]), ("error", ["Level=Error"])),
        new("shutdownTimeout", ("7s", ["ShutdownTimeout=00:00:07"]), ("250ms", ["ShutdownTimeout=00:00:00.2500000"])),
        new("concurrentBatches", ("7", ["ConcurrentBatches=7"]), ("9", ["ConcurrentBatches=9"])),
        new("orderWaitMax", ("7s", ["Files.OrderWaitMax=00:00:07"]), ("250ms", ["Files.OrderWaitMax=00:00:00.2500000"])),

        new("canaryInterval", ("7s", ["CanaryInterval=00:00:07"]), ("2m", ["CanaryInterval=00:02:00"])),

        new("files.format", ("json", ["Rule.Format=Json"]), ("text", ["Rule.Format=Text"])),
        new("files.textTemplate", ("file", ["Rule.Template=file"]), ("other", ["Rule.Template=other"]), Beside: "LOG_FORMAT=text"),
        new("files.levelMin", ("debug", ["Rule.LevelMin=Debug"]), ("fatal", ["Rule.LevelMin=Fatal"])),
        new("files.fileBytesMax", ("2KiB", ["Files.FileBytesMax=2048"]), ("3000", ["Files.FileBytesMax=3000"])),
        new("files.openFilesMax", ("7", ["Files.OpenFilesMax=7"]), ("9", ["Files.OpenFilesMax=9"])),
        new("files.channelsMax", ("7", ["Files.ChannelsMax=7"]), ("9", ["Files.ChannelsMax=9"])),
        new("files.freeBytesMin", ("2KiB", ["Files.FreeBytesMin=2048"]), ("3000", ["Files.FreeBytesMin=3000"])),
        new("files.receiptRetention", ("2d", ["Files.ReceiptRetention=2.00:00:00"]), ("30h", ["Files.ReceiptRetention=1.06:00:00"])),
        new("files.receiptsMax", ("7000", ["Files.ReceiptsMax=7000"]), ("9000", ["Files.ReceiptsMax=9000"])),

        new("retention.age", ("2d", ["Files.Retention.AgeMax=2.00:00:00", On]),
            ("30h", ["Files.Retention.AgeMax=1.06:00:00", On])),
        new("retention.files", ("7", ["Files.Retention.FilesMax=7", On]),
            ("9", ["Files.Retention.FilesMax=9", On])),
        new("retention.bytes", ("2KiB", ["Files.Retention.BytesMax=2048", On]), ("3000", ["Files.Retention.BytesMax=3000", On])),
        new("retention.ageMin", ("2d", ["Files.Retention.AgeMin=2.00:00:00"]), ("30m", ["Files.Retention.AgeMin=00:30:00"])),
        new("retention.compressAfter", ("2d", ["Files.CompressAfter=2.00:00:00"]), ("30h", ["Files.CompressAfter=1.06:00:00"])),

        new("sharing.workerName",
            ("file", ["Directory=logs/file", "Sharing.Name=file", "Sharing.IsShared=True", "Files.Worker=file/me", "Identity=file/me",
                "ClientIdentity=file/me"]),
            ("other", ["Directory=logs/other", "Sharing.Name=other", "Sharing.IsShared=True", "Files.Worker=other/me", "Identity=other/me",
                "ClientIdentity=other/me"])),
        new("sharing.ledgerConnection", ("Host=file", ["Sharing.Connection=file", "Sharing.IsShared=True"]),
            ("Host=other", ["Sharing.Connection=other", "Sharing.IsShared=True"])),
        new("sharing.ledgerLease", ("7s", ["Sharing.Lease=00:00:07"]), ("2m", ["Sharing.Lease=00:02:00"])),

        new("deadLetters.directory", ("file", ["DeadLetterDirectory=file"]), ("other", ["DeadLetterDirectory=other"])),
        new("deadLetters.bytesMax", ("2KiB", ["DeadLetterBytesMax=2048"]), ("3000", ["DeadLetterBytesMax=3000"])),
        new("deadLetters.unreadableAfter", ("7s", ["UnreadableAfter=00:00:07"]), ("2d", ["UnreadableAfter=2.00:00:00"])),

        new("loki.url",
            ("http://file:1", ["Loki.Url=http://file:1/loki/api/v1/push", "Loki.ReadyUrl=http://file:1/ready",
                "Loki.QueryUrl=http://file:1/loki/api/v1/query_range",
                .. LokiDefaults]),
            ("http://other:2/x/", ["Loki.Url=http://other:2/x/loki/api/v1/push", "Loki.ReadyUrl=http://other:2/x/ready",
               
                "Loki.QueryUrl=http://other:2/x/loki/api/v1/query_range",
                .. LokiDefaults])),
        new("loki.tenant", ("file", ["Loki.Tenant=file"]), ("other", ["Loki.Tenant=other"])),
        new("loki.username", ("file", ["Loki.Authorization=Basic file:p"]), ("other", ["Loki.Authorization=Basic other:p"]),
            Beside: "LOG_LOKI_PASSWORD=p"),
        new("loki.password", ("file", ["Loki.Authorization=Basic u:file"]), ("other", ["Loki.Authorization=Basic u:other"]),
            Beside: "LOG_LOKI_USERNAME=u"),
        new("loki.token", ("file", ["Loki.Authorization=Bearer file"]), ("other", ["Loki.Authorization=Bearer other"])),
        new("loki.labels", ("level,a=file", ["Loki.Labels=level,a=file"]), ("source", ["Loki.Labels=source"])),
        new("loki.timeout", ("7s", ["Loki.Timeout=00:00:07"]), ("250ms", ["Loki.Timeout=00:00:00.2500000"])),
        new("loki.lineBytesMax", ("2KiB", ["Loki.LineBytesMax=2048"]), ("3000", ["Loki.LineBytesMax=3000"])),
        new("loki.concurrency", ("7", ["Loki.Concurrency=7"]), ("9", ["Loki.Concurrency=9"])),
        new("loki.giveUpAfter", ("2d", ["Loki.GiveUpAfter=2.00:00:00"]), ("90s", ["Loki.GiveUpAfter=00:01:30"])),

        new("http.port", ("7", ["Web.Port=7"]), ("off", ["Web.IsServed=False"])),
        new("http.ip", ("0.0.0.0", ["Web.Ip=0.0.0.0", "Web.IsOpenToOthers=True"]), ("127.0.0.2", ["Web.Ip=127.0.0.2"]),
            Beside: "LOG_HTTP_TOKEN=sixteen--letters"),
        new("http.token", ("file", ["Web.Token=file"]), ("other", ["Web.Token=other"])),
        new("http.certificateFile", ("TEMP/file", ["Web.Tls=(TEMP/file, TEMP/file)"]),
            ("TEMP/other", ["Web.Tls=(TEMP/other, TEMP/other)"])),
        new("http.keyFile", ("TEMP/file", ["Web.Tls=(TEMP/c, TEMP/file)"]), ("TEMP/other", ["Web.Tls=(TEMP/c, TEMP/other)"]),
            Beside: "LOG_HTTP_CERTIFICATE_FILE=TEMP/c"),
        new("http.temporalUiUrl", ("http://file", ["Web.TemporalUiUrl=http://file"]),
            ("https://other:1/ui", ["Web.TemporalUiUrl=https://other:1/ui"])),
        new("http.readOnly", ("true", ["Web.IsReadOnly=True"]), ("false", [])),
        new("codec.encryptionKeys", ($"file:{Key}", ["EncryptionKeys=file (encrypts)", Codec]),
            ($"other:{Key}", ["EncryptionKeys=other (encrypts)", Codec])),
        new("codec.encryptionKeysFile", ("TEMP/file", ["EncryptionKeys=file (encrypts)", Codec]),
            ("TEMP/other", ["EncryptionKeys=other (encrypts)", Codec])),
        new("codec.encryptionKeyId", ("b", ["EncryptionKeys=a, b (encrypts), c"]), ("c", ["EncryptionKeys=a, b, c (encrypts)"]),
            Beside: $"LOG_ENCRYPTION_KEYS=a:{Key},b:{Key},c:{Key}"),
        new("codec.encryptionRequired", ("true", ["EncryptionRequired=True"]), ("false", []),
            Beside: $"LOG_ENCRYPTION_KEYS=a:{Key}"),
        new("codec.gzipBytesMin", ("1000", ["GzipBytesMin=1000", "DataConverter=compresses 1000"]),
            ("2000", ["GzipBytesMin=2000", "DataConverter=compresses 2000"])),
        new("codec.origins", ("http://file", ["Web.CodecOrigins=http://file"]), ("https://other:1", ["Web.CodecOrigins=https://other:1"])),
    ];

    readonly TempDirectory _folder = new();

    public EachWorkerOptionTests()
    {
        foreach (var id in (string[])["file", "other", "c"]) File.WriteAllText(_folder.File(id), $"{id}:{Key}\n");
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. WorkerOption.All.Select(option => option.Name)];

    [Fact]
    public void EveryOptionHasARow() => Rows.Select(row => row.Name).ShouldBe(WorkerOption.All.Select(option => option.Name));

    [Theory, MemberData(nameof(Names))]
    public void ToldAloneItChangesNothingElse(string name)
    {
        var row = Rows.Single(row => row.Name == name);
        var variable = WorkerOption.All.Single(option => option.Name == name).Variable;
        // A name without a password is refused, and the reverse.
        var isHalf = row.Name is "loki.username" or "loki.password";
        var without = Run(isHalf ? row with { Beside = null } : row, null, null, null);
        Changed(without, Run(row, name, row.File.Text, null)).ShouldBe(row.File.Effects, ignoreOrder: true, "by the file");
        Changed(without, Run(row, name, row.File.Text, (variable, "")))
            .ShouldBe(row.File.Effects, ignoreOrder: true, "beside an empty variable");
        Changed(without, Run(row, null, null, (variable, row.Variable.Text)))
            .ShouldBe(row.Variable.Effects, ignoreOrder: true, "by the variable");
        Changed(without, Run(row, name, row.File.Text, (variable, row.Variable.Text)))
            .ShouldBe(row.Variable.Effects, ignoreOrder: true, "by the variable over the file");
    }

    IEnumerable<string> Changed(Dictionary<string, string> before, Dictionary<string, string> after) =>
        after.Except(before).Select(one => $"{one.Key}={one.Value}".Replace(_folder.Path + "/", "TEMP/", StringComparison.Ordinal));

    /// <summary>What a worker runs with; Loki is there in all, as its options hang on it.</summary>
    Dictionary<string, string> Run(Row row, string? name, string? text, (string Name, string Text)? variable)
    {
        using var environment = new ProcessEnvironment();
        foreach (var option in WorkerOption.All) environment.Set(option.Variable, null);
        environment.Set("TEMPORAL_CONFIG_FILE", _folder.File("nowhere.toml"));
        if (row.Name != "loki.url") environment.Set("LOG_LOKI_URL", "http://loki:3100");
        if (row.Beside is { } beside) environment.Set(beside[..beside.IndexOf('=')], Filled(beside[(beside.IndexOf('=') + 1)..]));
        if (variable is { } set) environment.Set(set.Name, Filled(set.Text));
        var json = name is null ? "{}" : name.Split('.').Reverse().Aggregate(JsonSerializer.Serialize(Filled(text!)), (inner, part) =>
            $$"""{ "{{part}}": {{inner}} }""");
        File.WriteAllText(_folder.File("logworker.json"), json);
        var settings = WorkerSettings.Load(_folder.File("logworker.json"));
        var (options, connection) = settings.Read(LogWorkerOptions.Read);
        return ShownWorkerOptions.Of(options, connection);
    }

    string Filled(string text) => text.Replace("TEMP/", _folder.Path + "/", StringComparison.Ordinal);

    sealed record Row(string Name, (string Text, string[] Effects) File, (string Text, string[] Effects) Variable, string? Beside = null);
}
