using Microsoft.Extensions.Logging;
using TemporalDevServer;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(console => console.SingleLine = true));
try
{
    await using var server = await DevServer.StartAsync(new DevServerOptions
    {
        Port = int.Parse(Option("--port") ?? "7233"),
        DatabaseFile = Option("--db-filename"),
        LoggerFactory = logging,
    });
    Console.WriteLine($"Temporal development server at {server.Address}");
    await server.Ended;
    return 0;
}
catch (IOException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
