// An application that logs, published trimmed or as native code: `dotnet publish -p:PublishAot=true`. The sink has its
// options from the environment. The exit code says whether all was accepted.
using LogPipeline.Publisher;
using Serilog;

Serilog.Debugging.SelfLog.Enable(Console.Error);
var sink = new TemporalSink();
Log.Logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
for (var i = 1; i <= 10; i++) Log.Information("Event {Number}", i);
Log.Error(new InvalidOperationException("no stock"), "Order {OrderId} failed", 4712);
await Log.CloseAndFlushAsync();
Console.WriteLine($"accepted {sink.Stats.Accepted}, spooled {sink.Stats.Spooled}, dropped {sink.Stats.Dropped}");
return sink.Stats is { Dropped: 0, Emitted: 11 } ? 0 : 1;
