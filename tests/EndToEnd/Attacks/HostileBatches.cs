using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Api.Common.V1;
using static LogPipeline.EndToEnd.Attacks.HostileStart;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>
/// Batches with wrong headers, records, encodings, codecs, sizes and ids. The same seed makes the same ones.
/// </summary>
static class HostileBatches
{
    /// <summary>All hostile sources begin so, and no other.</summary>
    public const string SourcePrefix = "evil";

    /// <summary>Their records repeat numbers, of which verify tells.</summary>
    public const string LiarPrefix = "evil-liar";

    /// <summary>The kind that has folders made, each with three syncs; others wait for these.</summary>
    public const string ManyFolders = "a thousand channels";

    const string Liar = "lies about numbers";
    const string NewerVersion = "a newer version";
    const int Records = 3;

    public static IEnumerable<HostileStart> Generate(int seed) => Generate(seed, Kinds);

    /// <summary>Batches that cannot be read, and such as name one of them as the one before them.</summary>
    public static IEnumerable<HostileStart> Waiting(int seed) =>
        Generate(seed, [.. Kinds.Where(one => one.Kind == NewerVersion || one.Fate == Fate.EndsLate)]);

    static IEnumerable<HostileStart> Generate(int seed, (string Kind, Fate Fate, Action<Draft> Make)[] kinds)
    {
        var random = new Random(seed);
        BatchId? waiting = null;
        for (var number = 0; ; number++)
        {
            var (kind, fate, make) = kinds[number % kinds.Length];
            var source = $"{(kind == Liar ? LiarPrefix : SourcePrefix)}-{seed}";
            var id = new BatchId(source, $"i{number}", 1 + random.Next(1000));
            var batch = new Draft(id, random) { Waiting = waiting };
            make(batch);
            if (kind == NewerVersion) waiting = batch.Id;
            yield return new HostileStart(kind, fate, batch.WorkflowId, [.. batch.Arguments]) { Type = batch.Type };
        }
    }

    /// <summary>A right batch, of which a kind makes a wrong one.</summary>
    sealed class Draft
    {
        public Draft(BatchId id, Random random)
        {
            var records = Some.Records(Records, id);
            (Id, Random, WorkflowId) = (id, random, id.ToString());
            Header = JsonSerializer.SerializeToNode(Some.Header(id, records))!;
            Array = LogBatchRecords.Encode(records);
        }

        public BatchId Id { get; }
        public Random Random { get; }

        /// <summary>One that cannot be read; null: there is none yet.</summary>
        public BatchId? Waiting { get; init; }
        public string WorkflowId { get; set; }
        public string Type { get; set; } = PipelineDefaults.WorkflowName;
        public JsonNode? Header { get; set; }
        public byte[] Array { get; set; }
        public Payload? HeaderPayload { get; set; }
        public Payload? RecordsPayload { get; set; }
        public IEnumerable<Payload>? Given { get; set; }

        public IEnumerable<Payload> Arguments =>
            Given ?? [HeaderPayload ?? Of(Header?.ToJsonString() ?? "null"), RecordsPayload ?? Of(Array)];

        public string Text => Encoding.UTF8.GetString(Array);

        public void Set(string field, JsonNode? value) => Header![field] = value;

        public void SetRecords(params IReadOnlyList<string> records)
        {
            Array = Encoding.UTF8.GetBytes($"[\n{string.Join(",\n", records)}\n]");
            Set("records", records.Count);
        }

        public byte[] RandomBytes(int length)
        {
            var bytes = new byte[length];
            Random.NextBytes(bytes);
            return bytes;
        }

        public T Pick<T>(params T[] from) => from[Random.Next(from.Length)];
    }

    static readonly string[] Names =
    [
        "", ".", "..", "../../etc", "/etc/passwd", "CON", "a\0b", "a\nb", "é", "😀", "%s{0}", "-rf",
        new string('n', 101), new string('n', 20_000),
    ];

    static readonly (string Kind, Fate Fate, Action<Draft> Make)[] Kinds =
    [
        ("a null header", Fate.Ends, d => d.Header = null),
        ("no field", Fate.Ends, d => d.Header!.AsObject().Remove(d.Pick(FieldNames(d)))),
        ("any value in a field", Fate.Ends, d => d.Set(d.Pick(FieldNames(d)), AnyValue(d))),
        ("a header that is none", Fate.Ends,
            d => d.HeaderPayload = Of(d.Pick("", "{", "[]", "7", "\"x\"", "{}", Nested(2000)))),
        ("a header of random bytes", Fate.Ends, d => d.HeaderPayload = Of(d.RandomBytes(d.Random.Next(1, 4096)))),
        ("an old version", Fate.Ends, d => d.Set("version", d.Pick(0, -1, int.MinValue))),
        (NewerVersion, Fate.EndsUnread, d => d.Set("version", d.Pick(2, 77, int.MaxValue))),
        ("a name that is none", Fate.Ends, d => d.Set(d.Pick("source", "instance"), d.Pick(Names))),
        ("another's name", Fate.Ends, d => d.Set("source", "good")),
        ("wrong count", Fate.Ends,
            d => d.Set("records", d.Pick(0, -1, 2, 4, 50_000, 50_001, int.MaxValue, int.MinValue))),
        ("wrong numbers", Fate.Ends,
            d => d.Set("lastSequence", d.Pick(-1L, 0, long.MaxValue, 1L << 53, long.MinValue))),
        ("many levels", Fate.Ends, d => d.Set("levels", Counts(d.Pick(101, 20_000)))),
        ("many channels", Fate.Ends, d => d.Set("channels", Counts(d.Pick(2000, 50_000)))),
        ("negative counts", Fate.Ends,
            d => d.Set(d.Pick("levels", "channels"),
                new JsonObject { ["error"] = d.Pick(-1, int.MinValue, int.MaxValue) })),
        ("itself before it", Fate.Ends, d => d.Set("previous", d.Id.ToString())),
        ("a previous that is none", Fate.Ends,
            d => d.Set("previous", d.Pick("x", "logs/good/i0/000000000001", new string('p', 5000)))),
        ("a previous that cannot be read", Fate.EndsLate, d => d.Set("previous", d.Waiting.ToString())),
        ("a previous that nobody knows", Fate.Ends,
            d => d.Set("previous", $"logs/{d.Id.Source}/before/000000000001")),
        ("a batch tried again that is none", Fate.Ends,
            d => d.Set("retryOf", d.Pick("logs/good/i0/000000000001", new string('r', 5000)))),
        ("no array", Fate.Ends,
            d => d.Array = Encoding.UTF8.GetBytes(
                d.Pick("", "{}", "null", "7", "[1,2,3]", "[[],[],[]]", "[{},{},{}", "[{}]]"))),
        ("a cut array", Fate.Ends, d => d.Array = d.Array[..d.Random.Next(1, d.Array.Length)]),
        ("random bytes in the array", Fate.Ends, Damage),
        ("an array of random bytes", Fate.Ends, d => d.Array = d.RandomBytes(d.Random.Next(1, 64 * 1024))),
        ("deep records", Fate.Ends, d => d.SetRecords("{}", "{\"a\":" + Nested(d.Pick(260, 100_000)) + "}", "{}")),
        ("empty records", Fate.Ends, d => d.SetRecords("{}", "{ }", "{}")),
        ("others' records", Fate.Ends,
            d => d.SetRecords("{\"source\":\"good\"}", "{\"instance\":\"other\"}", "{\"seq\":-5}")),
        (Liar, Fate.Ends, d => d.SetRecords(Numbered(d, 0), Numbered(d, 0), Numbered(d, -1), Numbered(d, 900))),
        ("strange channels", Fate.Ends,
            d => d.SetRecords([.. Names.Select(name => $$"""{"channel":{{JsonSerializer.Serialize(name)}}}""")])),
        ("lone surrogates", Fate.Ends,
            d => d.SetRecords("{\"channel\":\"\\ud800\"}", "{\"@mt\":\"\\udfff\"}", "{\"a\":1,\"a\":2}")),
        (ManyFolders, Fate.Ends,
            d => d.SetRecords([.. Enumerable.Range(0, 1000)
                .Select(i => $$"""{"channel":"{{d.Random.Next()}}-{{i}}"}""")])),
        ("too many records", Fate.Ends, d => d.SetRecords([.. Enumerable.Repeat("{}", d.Pick(50_001, 200_000))])),
        ("a long text", Fate.Ends,
            d => d.SetRecords($"{{\"@mt\":\"{new string('x', d.Pick(1_000_000, 1_900_000))}\"}}")),
        ("damaged gzip", Fate.Ends, d => d.RecordsPayload = Of(d.RandomBytes(d.Random.Next(0, 5000)), "binary/gzip")),
        ("a bomb", Fate.Ends,
            d => d.RecordsPayload = Gzip(new Payload { Data = ByteString.CopyFrom(new byte[d.Pick(3, 64) << 20]) })),
        ("a bomb of records", Fate.Ends,
            d => d.RecordsPayload = Gzip(Of("[" + string.Join(',', Enumerable.Repeat("{}", 600_000)) + "]"))),
        ("gzip in gzip", Fate.Ends, d => d.RecordsPayload = Gzip(Gzip(Of(d.Array)))),
        ("a bomb of a header", Fate.Ends,
            d => d.HeaderPayload = Gzip(Of("{\"source\":\"" + new string('s', 20 << 20) + "\"}"))),
        ("a long name", Fate.Ends, d => d.Set("source", new string('s', 500_000))),
        ("an unknown encoding", Fate.Ends,
            d => d.RecordsPayload = Of(d.Array, d.Pick("binary/other", "", "json/protobuf", new string('e', 50_000)))),
        ("a header of an unknown encoding", Fate.EndsUnread,
            d => d.HeaderPayload = Of(d.Array, d.Pick("binary/plain", "binary/null", "x"))),
        ("a missing key", Fate.EndsUnread, d => d.RecordsPayload = Encrypted(d)),
        ("one argument", Fate.Ends, d => d.Given = [Of(d.Header!.ToJsonString())]),
        ("no argument", Fate.Ends, d => d.Given = []),
        ("three arguments", Fate.Ends, d => d.Given = [.. d.Arguments, Of("{}")]),
        ("a hundred arguments", Fate.Ends, d => d.Given = [.. Enumerable.Repeat(Of(d.Array), 100)]),
        ("an id of no batch", Fate.Ends,
            d => d.WorkflowId = d.Pick($"x{d.Id}", $"{d.Id}/../..", $"evil\0{d.Id}",
                new string('i', 990) + d.Random.Next())),
        ("another type", Fate.IsForeign,
            d => d.Type = d.Pick("AnyWorkflow", "log\nprocessing", new string('t', 900))),
        ("nothing wrong", Fate.Ends, _ => { }),
    ];

    static string[] FieldNames(Draft d) => [.. d.Header!.AsObject().Select(field => field.Key)];

    static JsonNode? AnyValue(Draft d) => d.Pick<Func<JsonNode?>>(
        () => null, () => true, () => -1, () => 1e300, () => "", () => "text", () => new string('v', 100_000),
        () => new JsonArray(1, 2), () => new JsonObject { ["a"] = 1 }, () => long.MaxValue, () => d.Random.Next())();

    static JsonObject Counts(int count) =>
        new(Enumerable.Range(0, count).Select(i => KeyValuePair.Create<string, JsonNode?>($"name{i}", 1)));

    static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    static string Numbered(Draft d, int more) =>
        $$"""{"source":"{{d.Id.Source}}","instance":"{{d.Id.Instance}}","seq":{{d.Id.FirstSequence + more}}}""";

    static void Damage(Draft d)
    {
        for (var i = d.Random.Next(1, 20); i > 0; i--)
            d.Array[d.Random.Next(d.Array.Length)] = (byte)d.Random.Next(256);
    }

    static Payload Gzip(Payload payload)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest)) payload.WriteTo(gzip);
        return Of(bytes.ToArray(), "binary/gzip");
    }

    static Payload Encrypted(Draft d)
    {
        var payload = Of(d.RandomBytes(500), "binary/encrypted");
        payload.Metadata["encryption-key-id"] = ByteString.CopyFromUtf8(d.Pick("k9", "", new string('k', 1000)));
        return payload;
    }
}
