using Serilog;

Log.Logger = new LoggerConfiguration()
    .WriteTo.Temporal(address: "localhost:7233", source: "quickstart")
    .CreateLogger();

Log.Information("Order {OrderId} for {Customer} was placed", 4711, "Ada");
Log.ForContext("channel", "payments").Warning("Card of {Customer} was declined", "Ada");
Log.Error(new InvalidOperationException("no stock"), "Order {OrderId} failed", 4712);

// Sends what is waiting, or puts it on disk when Temporal is away.
await Log.CloseAndFlushAsync();
