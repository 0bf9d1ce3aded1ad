using System.Buffers;
using System.Collections;
using System.Reflection;
using Google.Protobuf;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Hosting;
using Npgsql;
using Temporalio.Api.Common.V1;
using Temporalio.Client;

namespace LogPipeline.Tests.Options;

/// <summary>Everything that a worker was told, each place by its name, as something that can be compared.</summary>
static class ShownWorkerOptions
{
    public static Dictionary<string, string> Of(LogWorkerOptions options, TemporalClientConnectOptions connection)
    {
        var shown = new Dictionary<string, string>();
        Add(shown, "", options);
        AddRule(shown, options.Files.Channels.Of(ChannelName.Of("any")));
        shown["TargetHost"] = connection.TargetHost!;
        shown["ClientNamespace"] = connection.Namespace;
        shown["ClientIdentity"] = Me(connection.Identity!);
        shown["DataConverter"] = Encoding(connection);
        return shown;
    }

    static void Add(Dictionary<string, string> shown, string prefix, object holder)
    {
        foreach (var property in holder.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            var value = property.GetValue(holder);
            if (value is ChannelRules || value is IEnumerable and not string) continue;
            var name = prefix + property.Name;
            if (value is not null && IsGroup(value.GetType())) Add(shown, name + ".", value);
            else shown[name] = Text(name, value);
        }
    }

    static bool IsGroup(Type type) =>
        type.Namespace?.StartsWith("LogPipeline.Worker", StringComparison.Ordinal) == true && type.IsClass
            && type.GetMethod("<Clone>$") is not null;

    static string Text(string name, object? value) => (name, value) switch
    {
        ("Sharing.Connection", string connection) => new NpgsqlConnectionStringBuilder(connection).Host!,
        ("Loki.Authorization", string header) when header.StartsWith("Basic ", StringComparison.Ordinal) =>
            "Basic " + System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])),
        ("Files.Worker" or "Identity", string worker) => Me(worker),
        _ => $"{value}",
    };

    static string Me(string worker) => worker.Replace($"{Environment.ProcessId}@{Environment.MachineName}", "me", StringComparison.Ordinal);

    static void AddRule(Dictionary<string, string> shown, ChannelRule rule)
    {
        var line = new ArrayBufferWriter<byte>();
        TextFormatter.Write("""{"@t":"2026-11-21T10:00:00.1234567Z","@mt":"x","@x":"y","level":"error"}"""u8, rule.Template, line);
        shown["Rule.Format"] = $"{rule.Format}";
        shown["Rule.Template"] = System.Text.Encoding.UTF8.GetString(line.WrittenSpan).TrimEnd('\n');
        shown["Rule.LevelMin"] = $"{rule.LevelMin}";
        shown["Rule.RetentionAge"] = $"{rule.RetentionAge}";
        shown["Rule.RetentionFiles"] = $"{rule.RetentionFiles}";
    }

    /// <summary>What becomes of payloads on their way: they are encrypted, or compressed from a size on.</summary>
    static string Encoding(TemporalClientConnectOptions connection)
    {
        foreach (var length in (int[])[900, 1000, 1900, 2000, 4000, 4096])
        {
            var payload = new Payload { Data = ByteString.CopyFrom(new byte[length]) };
            var encoded = connection.DataConverter.PayloadCodec!.EncodeAsync([payload]).GetAwaiter().GetResult().Single();
            var encoding = encoded.Metadata.GetValueOrDefault("encoding")?.ToStringUtf8();
            if (encoding == "binary/encrypted") return "encrypts";
            if (encoding == "binary/gzip") return $"compresses {length}";
        }
        return "nothing";
    }
}
