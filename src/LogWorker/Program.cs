using LogPipeline.Worker.Cli;

return await CommandLine.RunAsync(args);
