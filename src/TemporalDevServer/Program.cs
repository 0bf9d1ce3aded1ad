using TemporalDevServer;

var port = args.Length > 1 && args[0] == "--port" ? int.Parse(args[1]) : 7233;
await using var server = await DevServer.StartAsync(new DevServerOptions { Port = port });
Console.WriteLine($"Temporal development server at {server.Address}");
await Task.Delay(Timeout.Infinite);
