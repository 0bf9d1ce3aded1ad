using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;

namespace LogPipeline.Benchmarks.Redaction;

/// <summary>What the search for secrets costs a text, beside an earlier version's, both by their defaults.</summary>
static class RedactionBenchmark
{
    const int Calls = 200;
    const int Rounds = 2_000;

    delegate string? Search(string name, ReadOnlySpan<char> text);

    static readonly (string Name, string Text)[] Texts =
    [
        ("a short word", "Ada Lovelace"),
        ("a line of a log", "Order 4711 of Ada Lovelace was packed in 12 ms and goes out tomorrow"),
        ("a URL", "https://shop.example/api/orders?page=2&size=50&sort=date"),
        ("a user agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("key=value pairs", "method=GET path=/orders status=200 duration=12 bytes=1024 host=shop-1 user=ada"),
        ("JSON", """{"id":4711,"customer":{"name":"Ada Lovelace","city":"London"},"lines":[1,2,3],"ok":true}"""),
        ("a stack of ten frames", string.Concat(Enumerable.Repeat("   at Shop.Cart.Load(String id) in /src/Cart.cs:line 42\n", 10))),
        ("JSON with a secret", """{"user":"ada","password":"hunter2"}"""),
        ("a connection string", "Server=db;User Id=sa;Password=hunter2;Database=shop"),
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not ["--before", var before, .. var rest])
        {
            Console.Error.WriteLine("redaction takes --before DIRECTORY: where the earlier version's LogPublisher.dll is.");
            return 2;
        }
        var machine = Machine.Describe();
        var earlier = Path.GetFullPath("LogPublisher.dll", Path.GetFullPath(before));
        Search[] searches =
        [
            Of(new AssemblyLoadContext("before").LoadFromAssemblyPath(earlier)),
            Of(typeof(LogPipeline.Publisher.TemporalSinkOptions).Assembly),
        ];
        var report = new StringBuilder($"# What the search for secrets costs a text\n\n{machine}\n\n");
        report.Append("`dotnet run -c Release --project bench/LogPipeline.Benchmarks -- redaction --before DIRECTORY --keep`: one call, ");
        report.Append("both versions by their defaults, medians over rounds that take turns. Bytes are allocated only where something ");
        report.Append("is hidden.\n\n");
        report.Append("| text (characters) | before ns | now ns | bytes |\n| --- | ---: | ---: | ---: |\n");
        foreach (var (name, text) in Texts)
        {
            var times = Times(searches, text);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            searches[1]("Text", text);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            report.Append(CultureInfo.InvariantCulture, $"| {name} ({text.Length}) | {times[0]:0} | {times[1]:0} | {allocated} |\n");
        }
        Console.Write(report);
        if (rest.Contains("--keep")) await Results.KeepAsync("redaction.md", report.ToString());
        return 0;
    }

    /// <summary>Medians over rounds that take turns, after warming up.</summary>
    static double[] Times(Search[] searches, string text)
    {
        var times = searches.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < 2 * Rounds; round++)
            for (var i = 0; i < searches.Length; i++)
            {
                var begin = Stopwatch.GetTimestamp();
                for (var call = 0; call < Calls; call++) searches[i]("Text", text);
                if (round >= Rounds) times[i].Add(Stopwatch.GetElapsedTime(begin).TotalNanoseconds / Calls);
            }
        return [.. times.Select(time => time.Order().ElementAt(time.Count / 2))];
    }

    /// <summary>By reflection, as two versions of one type do not meet in code.</summary>
    static Search Of(Assembly publisher)
    {
        var options = Activator.CreateInstance(publisher.GetType("LogPipeline.Publisher.RedactionOptions", throwOnError: true)!)!;
        var scope = options.GetType().GetProperty("Scope")!.GetValue(options);
        var type = publisher.GetType("LogPipeline.Publisher.Redaction.Redactor", throwOnError: true)!;
        var constructor = type.GetConstructors().Single(made => made.GetParameters().Length == 4);
        var redactor = constructor.Invoke([scope, Array.Empty<string>(), (Regex?)null, (Func<string, string, string?>?)null]);
        return type.GetMethod("Replacement")!.CreateDelegate<Search>(redactor);
    }
}
